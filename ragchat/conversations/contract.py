"""What a store of conversations promises, to the routes, the commands and the sweeper.

A conversation belongs to a tenant and a user. `of` gives the view of one owner: through it every read and every write
checks the owner, and what is another's is NotFound in the same words as what does not exist. The store itself is not
held back: it is for the operator (commands, sweeping, keys with the scope admin) and for nobody else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, Self

from ragchat.conversations.looking_back import DayOfUse, RatedPage
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
    Latest,
    Rating,
    StoredMessage,
    Unanswered,
)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer's journal: its `worker` makes it, until `ended`."""

    message_id: str
    worker: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What other workers want of a running answer: that it stops, and when one of them last read it for somebody."""

    message_id: str
    stop: bool
    read: datetime | None


class Journal(Protocol):
    """The events of answers, before and after they were sent. Not owner-checked: `ConversationStore.stream` is."""

    async def append(
        self, lines: Mapping[str, tuple[int, Sequence[str]]], ended: Collection[str]
    ) -> set[str]:
        """Append to many answers at once: `{message: (seq of the first line, lines)}`; `ended` got their last.

        One commit, which survives a kill. Returns the messages that are gone. StorageFailed.
        """
        ...

    async def read(self, message_id: str, after: int = -1) -> Sequence[tuple[int, str]]:
        """(seq, line) with a number above `after`, in order; empty when the journal was swept."""
        ...

    async def has_ended(self, message_id: str) -> bool:
        """Whether nothing comes any more: the terminal event is in the journal, or the journal is gone."""
        ...

    async def ask_to_stop(self, message_id: str) -> None: ...

    async def read_now(self, message_id: str) -> None:
        """Tell the worker that somebody reads this answer elsewhere."""
        ...

    async def wishes(self, worker: str) -> Sequence[Wish]:
        """Of the answers that `worker` is making."""
        ...

    async def beat(self, worker: str) -> None:
        """Say that `worker` lives; others take its answers for cut when it has not for `LEASE`."""
        ...

    async def leave(self, worker: str) -> None:
        """The worker makes no answers any more."""
        ...

    async def recover(self, worker: str, running: Collection[str] = ()) -> int:
        """Turn what nobody makes any more into partial answers that have an end; how many there were.

        `running` are the answers that `worker`, who asks, is making.
        """
        ...


class ConversationStore(Protocol):
    """Where conversations live. What a call has returned from survives a kill. Raises NotFound, StorageFailed."""

    @property
    def available(self) -> bool:
        """False from a refusal of the storage until something has been written again; cheap."""
        ...

    @property
    def journal(self) -> Journal: ...

    def of(self, tenant: str, user: str | None) -> Self:
        """The view of one owner (see the module). `user` None: of the conversations that belong to no user."""
        ...

    def owns(self, tenant: str, user: str | None) -> bool:
        """Whether this view sees what belongs to `user` of `tenant`."""
        ...

    async def try_again(self) -> None:
        """Write and delete a row, to learn whether the storage works (see `available`). Never raises StorageFailed."""
        ...

    async def create(
        self, *, conversation_id: str | None = None, draft: ConversationDraft | None = None
    ) -> Conversation:
        """A new, empty conversation; an id that its owner has already is a UsageError (code "conversation_exists")."""
        ...

    async def get(self, conversation_id: str) -> Conversation: ...

    async def list(
        self, *, user_id: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> ConversationPage:
        """Most recently used first; `user_id` narrows a store that is not held back to one user.

        A cursor that is none of ours is a UsageError (code "bad_cursor").
        """
        ...

    async def change(self, conversation_id: str, draft: ConversationDraft) -> Conversation:
        """Give it what `draft` has."""
        ...

    async def delete(self, conversation_id: str) -> None:
        """It and every word of it, in the journal and in SQLite's log too; a running answer is dropped at its end."""
        ...

    async def clear(self, conversation_id: str) -> None:
        """Every message goes as in `delete`, and a title that was its first question; the conversation stays."""
        ...

    async def messages(
        self, conversation_id: str, *, after: int = -1, limit: int = 200
    ) -> Sequence[StoredMessage]:
        """In order, those with a position above `after`."""
        ...

    async def message(self, message_id: str) -> StoredMessage: ...

    async def count_through(self, message_id: str) -> int:
        """Messages of its conversation up to and including this one, however many came after; 0 when it is gone."""
        ...

    async def history(self, conversation_id: str, limit: int = 10) -> Sequence[StoredMessage]:
        """The last `limit` messages that have words in them, oldest first; empty for an unknown conversation."""
        ...

    async def latest(self, conversation_id: str) -> Latest | None:
        """The newest answer in it, made or being made; None where nothing was asked, or it is nobody's."""
        ...

    async def ask(self, asked: Asked) -> Begun | Busy | AskedBefore:
        """Record a question, take the place of its answer and open its journal, in one transaction.

        Creates the conversation if its owner has none of this id. One answer at a time is made in a conversation.
        """
        ...

    async def finish(self, answer_id: str, record: AnswerRecord) -> None:
        """Write how the answer ended into its place; nothing when the conversation was deleted meanwhile."""
        ...

    async def withdraw(self, answer_id: str) -> None:
        """Take question and answer out again; nothing when they are not there."""
        ...

    async def stream(self, message_id: str) -> Stream | None:
        """The journal of an answer, None when it was swept. NotFound for a message that is not there."""
        ...

    async def rate(self, message_id: str, feedback: Feedback | None) -> None: ...

    async def unanswered(self, *, limit: int = 100) -> Sequence[Unanswered]:
        """Refused and disliked answers with their questions, newest first."""
        ...

    async def usage(self, *, first: date, last: date) -> Sequence[DayOfUse]:
        """What was asked on each day (UTC) from `first` to `last`, oldest first; days without questions as well."""
        ...

    async def rated(
        self, *, rating: Rating | None = None, limit: int = 50, cursor: str | None = None
    ) -> RatedPage:
        """Answers that readers rated, newest first. UsageError (code "bad_cursor") as in `list`."""
        ...

    async def sweep(self, *, unused: timedelta | None = None) -> int:
        """Delete journals that ended `KEPT` ago, and conversations that nobody used for `unused`; how many of these."""
        ...

    async def close(self) -> None: ...
