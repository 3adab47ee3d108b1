"""The desk that every question passes, whatever face it came through: limits, slots, cached answers, and what is
counted.

Nothing here makes an answer or sends one; that a call is let in at all was decided before (ragchat.web.guards.access).
"""
