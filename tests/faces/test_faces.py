"""The same stream in every face."""

import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ragchat.answering.events import (
    AnswerSpan,
    Citation,
    Cited,
    CitedDocument,
    CitedSpan,
    Done,
    Error,
    Event,
    Refusal,
    Source,
    Sources,
    Start,
    Step,
    Token,
    Usage,
    event_adapter,
)
from ragchat.faces import ndjson, sse, text
from ragchat.faces.collect import collect
from ragchat.faces.terminal import render

SOURCE = Source(
    1, "d1", 7, "Manual", "m.md", 3, ("Manual", "Reset"), 10, 60, "Hold it for ten seconds. Then wait.", 0.5
)
CITATION = Citation(
    1,
    CitedDocument("d1", "Manual", "m.md", "ab", "text/markdown"),
    CitedSpan(10, 34, 3, ("Manual", "Reset")),
    "Hold it for\nten seconds.",
    "cd",
    AnswerSpan(0, 24),
    True,
    "extractive",
    0.75,
    "/documents/d1",
)
DOUBTFUL = replace(CITATION, n=2, verified=False, document=replace(CITATION.document, title="Other"))
EVENTS: tuple[Event, ...] = (
    Start("m1", "c1", "extractive", 4),
    Step("search", "started"),
    Sources((SOURCE,)),
    Token("Hold it for "),
    Token("ten seconds."),
    Cited(CITATION),
    Token(" [bold]Then[/bold] wait."),
    Cited(DOUBTFUL),
    Done(
        "answered",
        "Hold it for ten seconds. [bold]Then[/bold] wait.",
        (CITATION, DOUBTFUL),
        0.5,
        usage=Usage(2, 3),
    ),
)


async def stream(events: Sequence[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event


def test_every_frame_has_a_number_a_name_and_one_line_of_data() -> None:
    for seq, event in enumerate(EVENTS):
        lines = sse.frame(seq, event).split("\n")
        assert lines[0] == f"id: {seq}"
        assert lines[1] == f"event: {event.type}"
        data = json.loads(lines[2].removeprefix("data: "))
        assert (data["seq"], data["type"]) == (seq, event.type)
        assert lines[3:] == ["", ""]
        assert (
            event_adapter().validate_python({name: value for name, value in data.items() if name != "seq"})
            == event
        )


@given(st.text())
def test_no_text_breaks_a_frame(words: str) -> None:
    frame = sse.frame(3, Token(words), named=False)
    assert frame.endswith("\n\n")
    body = frame[:-2].split("\n")
    assert len(body) == 2
    assert json.loads(body[1].removeprefix("data: ")) == {"seq": 3, "type": "token", "token": words}


async def test_ndjson_is_one_object_a_line() -> None:
    lines = [line async for line in ndjson.lines(stream(EVENTS))]
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert [json.loads(line)["type"] for line in lines] == [event.type for event in EVENTS]


async def test_text_is_words_with_marks_and_then_the_sources() -> None:
    pieces = "".join([piece async for piece in text.lines(stream(EVENTS))])
    assert pieces == (
        "Hold it for ten seconds. [1] [bold]Then[/bold] wait. [2?]\n\n"
        '[1] Manual, p. 3, Reset: "Hold it for ten seconds."\n'
        '[2] Other, p. 3, Reset: "Hold it for ten seconds." (does not support the sentence)\n'
        "1 of 1 quote stands word for word in the documents.\n"
    )


async def test_text_says_when_an_answer_stopped_or_failed() -> None:
    stopped = [*EVENTS[:4], Done("stopped", "Hold it for ")]
    assert "".join([piece async for piece in text.lines(stream(stopped))]) == "Hold it for \n(stopped)\n"
    failed = [*EVENTS[:4], Error("upstream_failed", "The service failed.", True)]
    assert "".join([piece async for piece in text.lines(stream(failed))]).endswith(
        "\n[upstream_failed] The service failed.\n"
    )


async def test_collecting_gives_the_answer_as_one_object() -> None:
    collected = await collect(stream(EVENTS))
    answer = json.loads(json.dumps(collected.as_json()))
    assert answer["response"] == EVENTS[-1].response  # type: ignore[union-attr]
    assert answer["message_id"] == "m1"
    assert answer["sources"][0]["title"] == "Manual"
    assert [citation["verified"] for citation in answer["citations"]] == [True, False]
    assert answer["tokens_used"] == 5


@pytest.mark.parametrize("events", [(), EVENTS[:-1], EVENTS[:1]])
async def test_a_stream_without_an_end_is_an_error(events: Sequence[Event]) -> None:
    collected = await collect(stream(events))
    assert isinstance(collected.end, Error)
    assert collected.end.code == "no_end"
    assert collected.as_json()["error"] == {
        "code": "no_end",
        "message": collected.end.message,
        "retryable": True,
    }


async def shown(events: Sequence[Event], *, terminal: bool = False) -> tuple[str, Done | Error]:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=terminal, width=80, color_system="standard" if terminal else None
    )
    end = await render(stream(events), console)
    return out.getvalue(), end


async def test_without_a_terminal_there_are_only_plain_characters() -> None:
    output, end = await shown(EVENTS)
    assert "\x1b" not in output
    assert end == EVENTS[-1]
    assert output == (
        "Hold it for ten seconds. [1] [bold]Then[/bold] wait. [2?]\n\n"
        "[1] Manual, p. 3, Reset\n    “Hold it for ten seconds.”\n"
        "[2] Other, p. 3, Reset\n    “Hold it for ten seconds.”  (does not support the sentence)\n"
        "1 of 1 quote stands word for word in the documents.\n"
    )


async def test_on_a_terminal_the_same_words_are_coloured() -> None:
    output, _ = await shown(EVENTS, terminal=True)
    assert "\x1b[" in output
    assert "ten seconds." in output


async def test_a_refusal_shows_what_came_nearest() -> None:
    refusal = Refusal("no_match", "The documents do not say.", (SOURCE,))
    output, _ = await shown(
        [*EVENTS[:3], Token(refusal.message), Done("refused", refusal.message, refusal=refusal)]
    )
    assert output.startswith("The documents do not say.\n")
    assert "[1] Manual, p. 3, Reset" in output


async def test_an_error_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    output, end = await shown([*EVENTS[:4], Error("upstream_failed", "The service failed.", True)])
    assert "The service failed. [upstream_failed]" in output
    assert isinstance(end, Error)


async def test_sources_are_numbered_by_first_use() -> None:
    third = replace(CITATION, n=3)
    events = [Token("Hold it."), Cited(third), Token(" Wait."), Cited(CITATION)]
    done = Done("answered", "Hold it. Wait.", (third, CITATION), 1.0)
    output, _ = await shown([*EVENTS[:3], *events, done])
    assert output.startswith("Hold it. [1] Wait. [2]\n")


async def test_on_a_terminal_tables_are_tables_and_code_is_code() -> None:
    words = "Plans:\n\n| Plan | Price |\n| --- | --- |\n| Ketch | 49 |\n\n```bash\nragchat ask\n```\n"
    output, _ = await shown([*EVENTS[:3], *map(Token, words), Done("answered", words)], terminal=True)
    # The last that was drawn of each block is what stays.
    stays = [line.rsplit("\x1b[2K", 1)[-1] for line in output.split("\n")]
    assert any("Plan" in line and "Price" in line and "|" not in line for line in stays)
    assert any("─" in line or "━" in line for line in stays)


async def test_a_citation_that_failed_is_never_green() -> None:
    failed = [Token("Hold it."), Cited(DOUBTFUL), Done("answered", "Hold it.", (DOUBTFUL,), 0.0)]
    output, _ = await shown([*EVENTS[:3], *failed], terminal=True)
    answer = output[output.index("Hold it.") :]
    assert "\x1b[32m" not in answer
    assert "\x1b[1;32m" not in answer
    assert "[1?]" in output


LLM = replace(CITATION, method="llm")


@pytest.mark.parametrize(
    ("citations", "grounded", "said"),
    [
        ((CITATION,), 1.0, "1 of 1 quote stands word for word in the documents."),
        (
            (
                LLM,
                replace(LLM, span=replace(LLM.span, end=40), verified=False, answer_span=AnswerSpan(25, 40)),
            ),
            0.5,
            "2 of 2 quotes stand word for word in the documents; 1 of 2 sentences were found to be supported by them.",
        ),
        ((), 0.0, "No sentence of this answer names a source."),
    ],
)
async def test_the_line_below_says_what_was_checked(
    citations: tuple[Citation, ...], grounded: float, said: str
) -> None:
    output, _ = await shown(
        [*EVENTS[:3], Token("Hold it."), Done("answered", "Hold it.", citations, grounded)]
    )
    assert output.rstrip().endswith(said)
