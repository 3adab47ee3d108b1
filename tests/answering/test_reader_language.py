"""A reader's language that is asked for wins over that of the question."""

from ragchat.answering.request import AnswerOptions
from ragchat.answering.writing.prompt import agent_rules


def rules(**preferences: str) -> str:
    return agent_rules(AnswerOptions("m", "c", preferences=preferences), "=====", 3)


def test_the_rule_about_language_gives_way_to_the_readers() -> None:
    wished = rules(language="German")
    assert (
        "Answer in the reader's language where one is named below, else in the language of the question"
        in wished.replace("\n   ", " ")
    )
    assert wished.index("7. Answer in the reader's language") < wished.index(
        "- The reader's language: German"
    )
    assert "The reader's language:" not in rules(style="brief")
