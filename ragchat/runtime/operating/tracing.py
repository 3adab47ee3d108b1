"""Traces of requests and answers by OpenTelemetry, for who names a collector (`OTEL_EXPORTER_OTLP_ENDPOINT`).

What a trace tells of an answer are its stages, times and counts, never a word of the question, the answer or the
documents: addresses of requests lose their query, which may hold a question or a token. Without a collector nothing
is recorded, and nothing but the API is installed (`ragchat[otel]` brings the rest).
"""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from opentelemetry import trace

from ragchat import __version__
from ragchat.answering.events import Citation, Cited, Done, Error, Event, Step, Token
from ragchat.errors import NotReady

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Span

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_QUERY: Final = "url.query"


def wanted() -> bool:
    """Whether the environment names a collector."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return (
        not off and os.environ.get("OTEL_TRACES_EXPORTER") != "none" and any(map(os.environ.get, ENDPOINTS))
    )


def exporting() -> "TracerProvider | None":
    """What sends traces to the collector, made known to all of the process; None where no collector is named.

    Raises NotReady where `ragchat[otel]` is not installed.
    """
    if not wanted():
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # an extra
        from opentelemetry.sdk.trace import TracerProvider  # an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # an extra
    except ImportError as missing:
        raise NotReady(
            "OTEL_EXPORTER_OTLP_ENDPOINT names a collector, but what sends traces is not installed.",
            hint='Run: pip install "ragchat[otel]", or unset the variable.',
            code="otel_missing",
        ) from missing
    os.environ.setdefault("OTEL_SERVICE_NAME", "ragchat")
    provider = TracerProvider()
    provider.add_span_processor(without_queries())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def without_queries() -> "SpanProcessor":
    """Takes the query out of addresses before anything is sent."""
    from opentelemetry.sdk.trace import SpanProcessor  # an extra

    class WithoutQueries(SpanProcessor):
        def on_start(self, span: "Span", parent_context: object = None) -> None:
            if _QUERY in (getattr(span, "attributes", None) or {}):
                span.set_attribute(_QUERY, "…")

    return WithoutQueries()


async def traced(
    events: AsyncGenerator[Event, None], known: Mapping[str, str | int]
) -> AsyncGenerator[Event, None]:
    """`events`, and a span of them: `known` are its first attributes, stages its children."""
    tracer = trace.get_tracer("ragchat", __version__)
    answer = tracer.start_span(
        "ragchat.answer", attributes={f"ragchat.{name}": said for name, said in known.items()}
    )
    if not answer.is_recording():
        async with aclosing(events):
            async for event in events:
                yield event
        return
    following = _Following(tracer, answer)
    try:
        async with aclosing(events):
            async for event in events:
                following.saw(event)
                yield event
    finally:
        following.end()


class _Following:
    """The spans of one answer. None of them is made current: who reads the events may do so in any context."""

    def __init__(self, tracer: trace.Tracer, answer: "Span") -> None:
        self._tracer = tracer
        self._answer = answer
        self._within = trace.set_span_in_context(answer)
        self._stages: dict[str, Span] = {}

    def saw(self, event: Event) -> None:
        match event:
            case Step(name, "started"):
                self._begin(name)
            case Step(name, "finished"):
                self._close(name)
            case Token():
                self._begin("write")
            case Cited(Citation(verified=verified)):
                self._answer.add_event("citation", {"ragchat.verified": verified})
            case Done():
                self._done(event)
            case Error():
                self._answer.set_attribute("ragchat.finish", "error")
                self._answer.set_status(trace.StatusCode.ERROR, event.code)
            case _:
                pass

    def end(self) -> None:
        """Whatever is still open ends now."""
        for name in tuple(self._stages):
            self._close(name)
        self._answer.end()

    def _begin(self, name: str) -> None:
        if name not in self._stages:
            self._stages[name] = self._tracer.start_span(f"ragchat.{name}", context=self._within)

    def _close(self, name: str) -> None:
        if stage := self._stages.pop(name, None):
            stage.end()

    def _done(self, event: Done) -> None:
        self._answer.set_attributes(
            {
                "ragchat.finish": event.finish,
                "ragchat.citations": len(event.citations),
                "ragchat.verified": sum(one.verified for one in event.citations),
                "gen_ai.usage.input_tokens": event.usage.input_tokens,
                "gen_ai.usage.output_tokens": event.usage.output_tokens,
                **{f"ragchat.milliseconds.{name}": taken for name, taken in event.timings.items()},
            }
        )
