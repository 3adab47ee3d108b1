"""Tokens of the widget's visitors, signed by the gate that will read them."""

from ragchat.access.gate import Gate
from ragchat.access.tokens import SECONDS, Visit


class SiteTokens:
    """What `ragchat.web.routers.widget` asks of whoever signs."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def issue(self, *, site: str, origin: str, session: str) -> tuple[str, int]:
        """A token for a visitor of a listed site: it may chat, in what the server's own collections hold. Empty where
        nobody is asked for a key: a visitor is anyone then."""
        if not await self._gate.asks():
            return "", SECONDS
        return (await self._gate.tokens()).issue(Visit(site, origin, session)), SECONDS
