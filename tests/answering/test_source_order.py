"""Sources come in the order of their first use, also those that lie beyond the best passages."""

from pathlib import Path

from ingest.run import ingest
from ragchat.answering.question.question import understood
from ragchat.answering.sources import found_of
from ragchat.corpus.local.store import LocalStore
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import Retriever, SearchOptions

FILES = {
    "tide.md": "# Tide\n\nThe Tide app books a pump for a harbour. A pump is booked for one day at least.\n",
    "pumps.md": "| pump | litres | volts |\n| --- | --- | --- |\n| BP-200 | 40 | 12 |\n| BP-300 | 60 | 24 |\n",
}


def test_a_header_that_stands_before_every_unit_becomes_a_source(
    embedder: MiniLMEmbedder, tmp_path: Path
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    home = LocalStore(tmp_path / "index" / "pumps")
    ingest([tmp_path / name for name in FILES], home, embedder)
    with home.open(embedder=embedder.spec) as snapshot:
        retriever = Retriever(snapshot, embedder)
        question = understood("For how long is a pump booked in the Tide app?", (), snapshot)
        found = found_of(question, retriever, SearchOptions(top_k=1))
        row = next(unit for unit in found.retrieval.units if unit.kind == "row")
        assert row.lead is not None
        assert row.document.id not in {source.document_id for source in found.sources}
        units = [unit for unit in found.retrieval.units if unit.document.id == row.document.id]
        assert all(unit.span.start >= row.lead.end for unit in units)

        ordered = found.quoted_first([(row.document.id, row.lead)])

    assert ordered.sources[0].document_id == row.document.id
    assert (ordered.sources[0].start, ordered.sources[0].end) == (row.lead.start, row.lead.end)
    assert ordered.number_of(row.document.id, row.lead) == 1
