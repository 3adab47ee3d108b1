"""Conversations: what was asked and answered, kept in SQL; who owns it; how an answer is recorded while it streams.

`values` are the conversations and messages, `contract` what a store of them promises, `store` the store. The tables and
how a database is brought up to date are in `database`, answers that are being made in `streaming`.
"""

from ragchat.conversations.contract import ConversationStore, Journal, Stream, Wish
from ragchat.conversations.values import (
    AnswerRecord,
    Asked,
    AskedBefore,
    Begun,
    Busy,
    Conversation,
    ConversationDraft,
    ConversationPage,
    Feedback,
    Rating,
    Role,
    Status,
    StoredMessage,
    Unanswered,
    new_id,
)

__all__ = [
    "AnswerRecord",
    "Asked",
    "AskedBefore",
    "Begun",
    "Busy",
    "Conversation",
    "ConversationDraft",
    "ConversationPage",
    "ConversationStore",
    "Feedback",
    "Journal",
    "Rating",
    "Role",
    "Status",
    "StoredMessage",
    "Stream",
    "Unanswered",
    "Wish",
    "new_id",
]
