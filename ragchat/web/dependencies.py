"""What routers are given: the service and the answers that run, kept on the application by `create_app`."""

from typing import Annotated, TypeAlias, cast

from fastapi import Depends, Request

from ragchat.web.live import LiveAnswers
from ragchat.web.service import Service


def _service(request: Request) -> Service:
    return cast(Service, request.app.state.service)


def _live(request: Request) -> LiveAnswers:
    return cast(LiveAnswers, request.app.state.live)


ServiceOf: TypeAlias = Annotated[Service, Depends(_service)]
LiveOf: TypeAlias = Annotated[LiveAnswers, Depends(_live)]
