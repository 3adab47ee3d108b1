"""What the admin page asks for, under /v1/admin, with the scope admin: routes, replies, and a run that is watched.

The work is in ragchat.runtime.administration and ragchat.conversations.looking_back; the page itself is in widget/.
"""
