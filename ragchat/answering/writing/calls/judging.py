"""A model asked whether a message may be answered at all, before anything is searched: one short call.

It fails closed: where no verdict can be had, the answer fails too. Whoever turns it on would rather not answer.
"""

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from langchain_core.messages import HumanMessage, SystemMessage

from ragchat.answering.reply import Reply
from ragchat.answering.writing.calls.upstream import streamed
from ragchat.answering.writing.prompt import render
from ragchat.errors import UpstreamFailed

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

JUDGING_SECONDS: Final = 10.0
NO_RULE: Final = "(There is none.)"


@dataclass(frozen=True, slots=True)
class Judge:
    """`rule` is what the operator adds in own words; may be empty."""

    model: "BaseChatModel"
    name: str
    rule: str = ""

    async def blocks(self, message: str, reply: Reply) -> bool:
        """Whether the message is not to be answered, counted in `reply`. Raises UpstreamFailed without a verdict."""
        asked = [
            SystemMessage(render("moderation", rule=self.rule.strip() or NO_RULE)),
            HumanMessage(message),
        ]
        said = ""
        with reply.timed("moderate"):
            called = streamed(
                self.model, asked, name=self.name, deadline=JUDGING_SECONDS, called=reply.called_model
            )
            async with aclosing(called) as deltas:
                async for delta in deltas:
                    said += delta.text
        verdict = said.strip().strip("*`\"'.").upper()
        if verdict.startswith("BLOCK"):
            return True
        if verdict.startswith("ALLOW"):
            return False
        raise UpstreamFailed(
            f"{self.name} gave no verdict on the message.",
            hint="Try again, or choose another model for RAGCHAT_MODERATION_MODEL.",
            code="no_verdict",
        )
