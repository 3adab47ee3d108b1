"""A conversation belongs to a tenant and a user: others cannot tell it from one that does not exist."""

from collections.abc import Awaitable, Callable

import pytest

from ragchat.conversations import Asked, Begun, ConversationDraft, ConversationStore, Feedback
from ragchat.conversations.store import SqlConversationStore
from ragchat.conversations.values import Latest
from ragchat.errors import NotFound

CALLS: dict[str, Callable[[ConversationStore, str, str], Awaitable[object]]] = {
    "get": lambda store, conversation, _: store.get(conversation),
    "change": lambda store, conversation, _: store.change(conversation, ConversationDraft(title="x")),
    "delete": lambda store, conversation, _: store.delete(conversation),
    "clear": lambda store, conversation, _: store.clear(conversation),
    "messages": lambda store, conversation, _: store.messages(conversation),
    "message": lambda store, _, message: store.message(message),
    "stream": lambda store, _, message: store.stream(message),
    "rate": lambda store, _, message: store.rate(message, Feedback("up")),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("tenant", "user"), [("", None), ("", "bob"), ("acme", "ann"), ("acme", None)],
    ids=["nobody", "another user", "her name at another tenant", "another tenant"],
)  # fmt: skip
async def test_what_is_anothers_is_not_found_in_the_words_of_what_does_not_exist(
    store: SqlConversationStore, call: str, tenant: str, user: str | None
) -> None:
    await store.of("", "ann").ask(Asked("c1", "How?", "a1"))
    told = []
    for conversation, message in (("c1", "a1"), ("zz", "zz")):
        with pytest.raises(NotFound) as refused:
            await CALLS[call](store.of(tenant, user), conversation, message)
        told.append((refused.value.code, str(refused.value).replace(conversation, "").replace(message, "")))
    assert told[0] == told[1]
    assert [one.content for one in await store.of("", "ann").messages("c1")] == ["How?", ""]


async def test_everybody_can_have_a_conversation_of_the_same_id(store: SqlConversationStore) -> None:
    owners = [("", None), ("", "ann"), ("acme", None), ("acme", "ann")]
    for number, owner in enumerate(owners):
        begun = await store.of(*owner).ask(Asked("default", f"q{number}", f"a{number}"))
        assert begun == Begun()
    for number, owner in enumerate(owners):
        view = store.of(*owner)
        assert [one.content for one in await view.messages("default")] == [f"q{number}", ""]
        assert [(one.id, one.title) for one in (await view.list()).conversations] == [
            ("default", f"q{number}")
        ]
        assert await view.count_through(f"a{number}") == 2
        assert await view.count_through("a0") == (2 if number == 0 else 0)
    await store.of("acme", "ann").delete("default")
    assert len((await store.list()).conversations) == 3


async def test_only_the_operators_store_lists_what_belongs_to_users(store: SqlConversationStore) -> None:
    for tenant, user in (("", None), ("", "ann"), ("acme", "bob")):
        await store.of(tenant, user).create(conversation_id=f"{tenant}-{user}")
    assert [one.id for one in (await store.of("", None).list()).conversations] == ["-None"]
    assert {one.id for one in (await store.list()).conversations} == {"-None", "-ann", "acme-bob"}
    assert [one.id for one in (await store.list(user_id="bob")).conversations] == ["acme-bob"]
    assert await store.of("acme", "bob").unanswered() == []


async def test_the_newest_answer_is_told_to_its_owner_only(store: SqlConversationStore) -> None:
    ann = store.of("", "ann")
    assert await ann.latest("c1") is None
    await ann.ask(Asked("c1", "How?", "a1"))
    assert await ann.latest("c1") == Latest("a1", "How?")
    for other in (store.of("", None), store.of("acme", "ann"), store.of("", "bob")):
        assert await other.latest("c1") is None
