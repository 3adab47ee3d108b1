"""The conversation database: its tables, how it is opened and brought up to date, one transaction at a time.

No query about conversations is written here; those are the store's (ragchat.conversations.store, .streaming).
"""
