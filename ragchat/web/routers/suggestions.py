"""Questions to try, for the empty chat page: taken from the documents, so that they can be answered."""

from typing import TYPE_CHECKING, Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from pydantic import BaseModel

from ragchat.web.dependencies import LibraryOf
from ragchat.web.problems import documented
from ragchat.web.requests import Collection

if TYPE_CHECKING:
    from ragchat.corpus.contract import Snapshot

router = APIRouter(tags=["search"])

LOOKED_AT = 120
"""Documents whose headings are read; enough for four questions, and quick."""


class SuggestionsReply(BaseModel):
    """Questions that the documents ask themselves in their headings and titles, else questions about their titles."""

    questions: list[str]


@router.get("/suggestions", responses=documented(404, 422, 503))
async def suggestions(
    library: LibraryOf,
    collection: Annotated[Collection | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 4,
) -> SuggestionsReply:
    """Questions to try."""

    def work() -> SuggestionsReply:
        with library.snapshot(collection) as generation:
            return SuggestionsReply(questions=_questions(generation, limit))

    return await run_sync(work)


def _questions(generation: "Snapshot", limit: int) -> list[str]:
    found: dict[str, None] = {}
    titles: dict[str, None] = {}
    for stored in generation.documents(limit=LOOKED_AT):
        titles[stored.title] = None
        headings = generation.read_document(stored.id).headings
        for words in (stored.title, *(heading.title for heading in headings)):
            if words.rstrip().endswith("?") and 12 <= len(words) <= 90:
                found[words.strip()] = None
    asked = _spread(list(found), limit)
    about = [f"What should I know about “{title}”?" for title in titles if 3 <= len(title) <= 60]
    return asked + _spread(about, limit - len(asked))


def _spread(items: list[str], count: int) -> list[str]:
    """`count` of the items, evenly over the list."""
    if len(items) <= count:
        return items
    return [items[index * len(items) // count] for index in range(count)]
