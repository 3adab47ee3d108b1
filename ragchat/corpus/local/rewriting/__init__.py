"""Whole new generations of what is there already: purge (without a byte of some documents), rebuild (files from rows).

Both are runs of their own over `writing`; neither embeds anything.
"""
