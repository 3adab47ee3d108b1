"""The Model Context Protocol: two tools (tools), over HTTP (route) and by `ragchat mcp` over stdin and stdout.

The official SDK speaks the protocol; an answer is asked for and followed as everywhere else.
"""
