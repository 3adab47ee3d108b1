"""`/v1/models`: the collections that the caller may ask, each as a model."""

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path
from pydantic import BaseModel

from ragchat.errors import NotFound
from ragchat.web.dependencies import LibraryOf
from ragchat.web.library.shelves import Library
from ragchat.web.routers.openai.errors import openai_errors

router = APIRouter(prefix="/models", tags=["openai"])


class Model(BaseModel):
    """A collection."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "ragchat"


class Models(BaseModel):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[Model]


@router.get("", responses=openai_errors())
async def models(library: LibraryOf) -> Models:
    """The collections that may be asked, as models."""
    names = await run_sync(library.names)
    return Models(data=[Model(id=name) for name in names])


@router.get("/{model}", responses=openai_errors())
async def model(model: Annotated[str, Path(max_length=200)], library: LibraryOf) -> Model:
    """One of them."""
    return Model(id=await collection_of(model, library))


async def collection_of(model: str, library: Library) -> str:
    """The collection that is meant. NotFound (model_not_found) where there is none."""
    if model not in await run_sync(library.names):
        raise NotFound(
            "There is no such model.",
            hint="`GET /v1/models` lists them: each collection is one.",
            code="model_not_found",
        )
    return model
