"""The product's own retrieval and answering behind the evaluation's Protocols: what is measured is what is served.

Both work on one open generation, so that a new one published meanwhile does not mix into the figures.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragchat.answering.answer import Answerer, AnswerOptions, Turn
from ragchat.answering.events import Event
from ragchat.answering.question.question import understood
from ragchat.answering.request import GroundingMode
from ragchat.answering.sources import found_of
from ragchat.evaluation.questions import PastTurn
from ragchat.evaluation.remembering import RememberingReranker
from ragchat.evaluation.scoring import FoundPassage
from ragchat.retrieval.search import RetrievedPassage, Retriever, SearchOptions

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


class ProductSearcher:
    """Searches as the answerer does: a follow-up is made to stand alone first (by rules, without a model)."""

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever

    def search(self, question: str, history: Sequence[PastTurn], top_k: int) -> list[FoundPassage]:
        asked = understood(question, _turns(history), self.retriever.snapshot)
        found = found_of(asked, self.retriever, SearchOptions(top_k=top_k))
        return [_found(passage) for passage in found.passages]


@dataclass(frozen=True, slots=True)
class AnswerChoices:
    """How questions are answered; `deadline` is seconds for a model's answer."""

    model: "BaseChatModel | None" = None
    model_name: str = "extractive"
    top_k: int = 5
    grounding: GroundingMode = "annotate"
    deadline: float = 60.0


class ProductRespondent:
    """Answers as the server does, without recording. How sure it is is told by `remembering`, a retriever that need not
    read again what was read for the same question."""

    def __init__(
        self,
        retriever: Retriever,
        choices: AnswerChoices = AnswerChoices(),
        remembering: Retriever | None = None,
    ) -> None:
        self.choices = choices
        self.answerer = Answerer(
            retriever=retriever,
            model=choices.model,
            model_name=choices.model_name,
            deadline=choices.deadline,
        )
        self.judge = Answerer(retriever=remembering or retriever)

    async def answer(self, question: str, history: Sequence[PastTurn]) -> AsyncGenerator[Event, None]:
        options = AnswerOptions(
            message_id="evaluation",
            conversation_id="evaluation",
            top_k=self.choices.top_k,
            grounding=self.choices.grounding,
        )
        async with aclosing(self.answerer.answer(question, _turns(history), options)) as events:
            async for event in events:
                yield event

    def support(self, question: str, history: Sequence[PastTurn]) -> float | None:
        options = SearchOptions(top_k=self.choices.top_k)
        return self.judge.sureness(question, _turns(history), options)


def product(
    retriever: Retriever, choices: AnswerChoices = AnswerChoices()
) -> tuple[ProductSearcher, ProductRespondent]:
    """Both sides of the product on the retriever's generation."""
    remembering = retriever
    if retriever.reranker is not None:
        reranker = RememberingReranker(retriever.reranker)
        remembering = Retriever(retriever.snapshot, retriever.embedder, reranker)
    return ProductSearcher(remembering), ProductRespondent(retriever, choices, remembering)


def _turns(history: Sequence[PastTurn]) -> list[Turn]:
    return [Turn(turn.role, turn.content) for turn in history]


def _found(passage: RetrievedPassage) -> FoundPassage:
    return FoundPassage(
        document_id=passage.document.id,
        key=passage.document.key,
        title=passage.document.title,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=passage.score,
    )
