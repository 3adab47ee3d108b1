"""Finding passages without asking anything of a model."""

from typing import Annotated

from fastapi import APIRouter, Query

from ragchat.answering.moderating.secrets import redacted
from ragchat.web.dependencies import ServiceOf
from ragchat.web.problems import documented
from ragchat.web.requests import SearchQuery
from ragchat.web.responses import PassageReply, SearchReply

router = APIRouter(tags=["search"])


@router.get("/search", responses=documented(400, 404, 422, 502, 503))
async def search(query: Annotated[SearchQuery, Query()], service: ServiceOf) -> SearchReply:
    """The best passages for `q`, best first, with the parts of their scores unless `explain` is false."""
    q = redacted(query.q)  # the embedder may be somebody else's service
    passages = await service.search(q, collection=query.collection, top_k=query.top_k)
    found = [PassageReply.of(passage, explain=query.explain) for passage in passages]
    return SearchReply(query=q, passages=found)
