"""What is done to a collection besides asking it: what is in it and what failed, its generations, reading it again.

One flow for commands and the admin page. What people asked and thought of it is in ragchat.conversations.
"""
