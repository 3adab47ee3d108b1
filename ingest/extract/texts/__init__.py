"""Formats that are text with a little markup of their own: subtitles, notebooks, source code."""
