"""The widget's session: a public site id becomes a short-lived token for one visitor, bound to the page's origin.

No page holds a secret: whoever reads the site id in a page's source can use it from that page only, for a browser says
where a request comes from and other programs get no more than a visitor's rights and limits. Sites are named by
RAGCHAT_WIDGET_ORIGINS; any other origin is refused. Who signs the tokens is not decided here.
"""

import re
import secrets
from typing import Annotated, Final, Protocol, cast

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from ragchat.errors import UsageError
from ragchat.web.dependencies import ServiceOf
from ragchat.web.problems import documented

router = APIRouter(prefix="/widget", tags=["widget"], responses=documented(422))

SESSION: Final = re.compile("[0-9a-f]{32}")
OPEN_SECONDS: Final = 3600


class Issuer(Protocol):
    """Signs tokens of visitors."""

    async def issue(self, *, site: str, origin: str, session: str) -> tuple[str, int]:
        """A token for the visitor `session` of `site`, sent from `origin`, and for how many seconds it is good."""
        ...


class NoKeys:
    """For a server that asks nobody for a key: a visitor is anyone, and no token is needed."""

    async def issue(self, *, site: str, origin: str, session: str) -> tuple[str, int]:
        return "", OPEN_SECONDS


async def _issuer(request: Request) -> Issuer:
    return cast(Issuer, getattr(request.app.state, "widget_tokens", None) or NoKeys())


class SessionBody(BaseModel):
    """`session`: as it was issued before, so that a visitor finds its conversations again."""

    site: Annotated[str, Field(max_length=100)] = "default"
    session: Annotated[str, Field(max_length=100)] | None = None


class SessionReply(BaseModel):
    """`token` goes into `Authorization: Bearer …`; empty where the server asks for none."""

    token: str
    session: str
    expires_in: int


@router.post("/session")
async def session(
    body: SessionBody, request: Request, service: ServiceOf, issuer: Annotated[Issuer, Depends(_issuer)]
) -> SessionReply:
    """A token for a visitor of a page that embeds the widget; asked for again shortly before it is over."""
    origin = request.headers.get("origin", "")
    if (body.site, origin) not in service.settings.widget_sites:
        raise UsageError(
            "This page may not use the widget.",
            hint="RAGCHAT_WIDGET_ORIGINS lists the pages that may, as `https://shop.example` or `site=https://…`.",
            code="origin_not_allowed",
        )
    visitor = body.session if body.session and SESSION.fullmatch(body.session) else secrets.token_hex(16)
    token, seconds = await issuer.issue(site=body.site, origin=origin, session=visitor)
    return SessionReply(token=token, session=visitor, expires_in=seconds)
