"""Answers while they are made, in the database: their journal of events, who makes them, what a dead process left.

The journal is what makes a stream resumable from any worker and after a restart (ADR 17). How a running answer is
followed and stopped in its own process is ragchat.web.live's business.
"""
