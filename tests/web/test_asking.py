"""The one way from a question to a running answer: whatever face it came through, and recorded or not."""

from ragchat.answering.events import Done
from ragchat.web.asking import Asking, ask
from ragchat.web.live import LiveAnswers
from tests.web.scripted_service import ScriptedService


async def test_an_answer_that_is_not_to_be_recorded_leaves_no_conversation(service: ScriptedService) -> None:
    live = LiveAnswers(service.conversations)
    async with service, live.kept():
        for record in (False, True):
            answer = await ask(service, live, Asking("How do I reset it?", record=record))
            events = [item[1] async for item in answer.follow() if item is not None]
            assert isinstance(events[-1], Done)
            assert len((await service.conversations.list()).conversations) == int(record)
