"""What the caller may do, so that a page offers nothing that would be refused."""

from fastapi import APIRouter
from pydantic import BaseModel

from ragchat.access import SCOPES, Scope
from ragchat.web.dependencies import PrincipalOf

router = APIRouter(tags=["health"])


class CallerReply(BaseModel):
    """The scopes that hold for this caller (admin holds all); `user_id` only where its key or token names one."""

    user_id: str | None
    scopes: list[Scope]


@router.get("/me")
async def me(principal: PrincipalOf) -> CallerReply:
    """Who asks, and what it may do here."""
    return CallerReply(user_id=principal.user, scopes=sorted(filter(principal.may, SCOPES)))
