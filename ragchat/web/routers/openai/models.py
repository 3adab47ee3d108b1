"""`/v1/models`: the collections that the caller may ask, each as a model."""

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path
from pydantic import BaseModel

from ragchat.errors import NotFound
from ragchat.web.dependencies import ServiceOf
from ragchat.web.routers.openai.errors import openai_errors
from ragchat.web.service import Service

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
async def models(service: ServiceOf) -> Models:
    """The collections that may be asked, as models."""
    names = await run_sync(service.collections)
    return Models(data=[Model(id=name) for name in names])


@router.get("/{model}", responses=openai_errors())
async def model(model: Annotated[str, Path(max_length=200)], service: ServiceOf) -> Model:
    """One of them."""
    return Model(id=await collection_of(model, service))


async def collection_of(model: str, service: Service) -> str:
    """The collection that is meant. NotFound (model_not_found) where there is none."""
    if model not in await run_sync(service.collections):
        raise NotFound(
            "There is no such model.",
            hint="`GET /v1/models` lists them: each collection is one.",
            code="model_not_found",
        )
    return model
