"""Conversations over WebSockets: frames (what is said on the wire), tabs (one connection), rooms (those of one
conversation), and the route. Answers are asked for and followed as everywhere else.
"""
