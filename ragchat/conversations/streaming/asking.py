"""How a question is recorded: its place, its answer's, and the answer's journal, in a transaction of the caller.

One answer at a time is made in a conversation, so that each is told all that was said before. Two requests with one
Idempotency-Key are one: the second is sent to the first one's answer, whichever worker makes it; only where that one
failed is it asked again.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from ragchat.answering.moderating.secrets import redacted
from ragchat.conversations.database.seals import sealed
from ragchat.conversations.database.tables import messages, streams
from ragchat.conversations.statements import Owner, Places, being_made, earlier_turns, take_places
from ragchat.conversations.streaming.workers import lives
from ragchat.conversations.values import Asked, AskedBefore, Begun, Busy, new_id


class TakenBack(Exception):
    """Ends the transaction without a trace; `result` is what happened instead."""

    def __init__(self, result: Busy | AskedBefore) -> None:
        super().__init__(result)
        self.result = result


def recorded_question(connection: Connection, owner: Owner | None, asked: Asked, key: str | None) -> Begun:
    """`key` is unique for the request and its owner.

    TakenBack when nothing is to be recorded; IntegrityError when another process records the same at this moment.
    """
    _once(connection, asked, key)
    now, question = datetime.now(UTC), redacted(asked.question)
    places = take_places(connection, owner, asked, question, now)
    if not places.new:
        _alone(connection, places, asked, now)
    said = {
        "id": new_id(),
        "role": "user",
        "status": "complete",
        "content": question,
        "conversation_id": places.conversation,
        "created": now,
        "position": places.position,
    }
    answer = {**said, "id": asked.answer_id, "role": "assistant", "status": "streaming", "content": ""}
    answer["position"] = places.position + 1
    connection.execute(insert(messages), [sealed(messages, said), sealed(messages, answer)])
    stream = {"message_id": asked.answer_id, "worker": asked.worker, "once": key}
    connection.execute(insert(streams).values(**stream, fingerprint=asked.fingerprint))
    earlier = () if places.new or not asked.history else earlier_turns(connection, places, asked)
    return Begun(earlier, places.system_prompt, places.preferences)


def _alone(connection: Connection, places: Places, asked: Asked, now: datetime) -> None:
    """TakenBack while another answer is made in this conversation."""
    for row in connection.execute(being_made(places.conversation)).mappings():
        mine = row["worker"] == asked.worker
        if row["message_id"] in asked.running if mine else lives(row, now):
            raise TakenBack(Busy(row["message_id"]))


def _once(connection: Connection, asked: Asked, key: str | None) -> None:
    """TakenBack when a request came under this key before; the same one that failed lets go of the key."""
    if key is None:
        return
    query = (
        select(streams.c.message_id, streams.c.fingerprint, messages.c.status)
        .join(messages, messages.c.id == streams.c.message_id)
        .where(streams.c.once == key)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return
    same = row.fingerprint == asked.fingerprint
    if not same or row.status != "failed":
        raise TakenBack(AskedBefore(row.message_id, same))
    connection.execute(update(streams).where(streams.c.message_id == row.message_id).values(once=None))
