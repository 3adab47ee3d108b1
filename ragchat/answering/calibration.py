"""The threshold between answering and refusing, fitted at ingest from the corpus itself, without labels.

Two anchors on the scale of support: what the corpus' own sentences reach when some of their words are asked for (an
answerable question), and what questions on unrelated everyday subjects reach (there is always a best passage). The
threshold lies at a fixed share of the way between the medians: medians, because some of the unrelated subjects may
be in the corpus after all. The share is the only constant, the same for every corpus and embedder; how it was
chosen and what it costs stands in bench/answering/README.md.
"""

import random
import statistics
from collections.abc import Iterator, Sequence

from ragchat.answering.extractive import candidates, support_of
from ragchat.answering.overlap import terms
from ragchat.answering.searching import Corpus, Searcher
from ragchat.answering.support import support
from ragchat.corpus.local.searching.generation import Generation
from ragchat.corpus.values import StoredChunk
from ragchat.models.embedder import Embedder
from ragchat.retrieval.search import Retriever, SearchOptions

THRESHOLD = "refusal_threshold"
DEFAULT_THRESHOLD = 0.32
"""For a generation without a fitted one, and the least for one with too few sentences to fit: small corpora have their
unrelated questions lower (fitted .28-.33, against .36 of large ones) and short questions with few words to meet."""
USUAL = 0.65
"""What sentences reach for some of their own words (medians of .61-.70 over six corpora in two languages)."""
WAY = 0.378
"""Where the threshold lies between the medians of unrelated (0) and answerable (1) questions."""
SAMPLE, FEWEST, SEED = 200, 6, 1
ASKED_SHARE, ASKED_MOST = 0.4, 9
SHORTEST, LONGEST = 8, 40
"""Words of a sentence that a question is made from."""

UNRELATED = (
    "How long should I boil an egg so that the yolk stays soft?",
    "Which planet has the most moons?",
    "Who painted the ceiling of the Sistine Chapel?",
    "What is the best way to remove red wine from a carpet?",
    "How many players are in a volleyball team?",
    "When do swallows fly south?",
    "What is the capital of Mongolia?",
    "Why do cats purr?",
    "Which instrument has 88 keys?",
    "How do I knit a scarf for beginners?",
    "What was the name of the first dog in space?",
    "How deep is the Mariana Trench?",
    "Which vitamin do you get from sunlight?",
    "Who wrote the novel Moby Dick?",
    "How do bees make honey?",
    "What causes a rainbow?",
    "How often should I water a cactus?",
    "Which country won the football World Cup in 1998?",
    "What is the melting point of chocolate?",
    "How do you say thank you in Japanese?",
    "Who invented the zipper?",
    "What is a group of crows called?",
    "How tall is a giraffe at birth?",
    "Which cheese is used for a fondue?",
    "What did the Vikings use to navigate at sea?",
    "How many strings does a ukulele have?",
    "Why is the sky dark at night?",
    "What is the plot of Romeo and Juliet?",
    "How do I change the tyre of a bicycle?",
    "Which river flows through Budapest?",
    "What do pandas eat?",
    "How long does a marathon take for most runners?",
    "Who sang the song Yellow Submarine?",
    "What is the difference between a crocodile and an alligator?",
    "How is sourdough bread made?",
    "When was the telescope invented?",
    "Which chess piece can only move diagonally?",
    "What colour are the stars on the flag of Panama?",
    "How do I get rid of moths in a wardrobe?",
    "What is the fastest fish in the ocean?",
)


def calibrate(generation: Generation, embedder: Embedder) -> dict[str, float]:
    """Settings to store with the generation; empty when it holds nothing. Deterministic. UpstreamFailed."""
    return fitted(Retriever(generation, embedder), generation.sample(SAMPLE, seed=SEED))


def fitted(searcher: Searcher, chunks: Sequence[StoredChunk]) -> dict[str, float]:
    """The threshold from the sampled chunks and one search for each unrelated question.

    Of fewer than FEWEST sentences (also in scripts without spaces, where none has words) only the lower anchor is the
    corpus' own, so that an embedder of another scale still gets a threshold of that scale.
    """
    if not chunks:
        return {}
    corpus = searcher.generation
    known = [score for chunk in chunks for score in _own(chunk, corpus, searcher.embedder)]
    low = statistics.median(_support(question, searcher) for question in UNRELATED)
    if len(known) < FEWEST:
        return {THRESHOLD: max(DEFAULT_THRESHOLD, low + WAY * max(0.0, USUAL - low))}
    return {THRESHOLD: low + WAY * max(0.0, statistics.median(known) - low)}


def _support(question: str, searcher: Searcher) -> float:
    passages = searcher.search(question, SearchOptions(trim=False))
    return support_of(candidates(question, passages, searcher.generation))


def _own(chunk: StoredChunk, corpus: Corpus, embedder: Embedder) -> Iterator[float]:
    """The support that one sentence of the chunk gives to some of its own words, for at most one sentence."""
    draw = random.Random(chunk.chunk_id)  # noqa: S311 - a sample, not a secret
    places = list(range(len(chunk.sentences)))
    draw.shuffle(places)
    for place in places:
        span = chunk.sentences[place]
        sentence = chunk.text[span.start - chunk.start : span.end - chunk.start]
        asked = _some_words(sentence, draw, corpus.language)
        if asked:
            vectors = chunk.sentence_vectors if len(chunk.sentence_vectors) else None
            vector = chunk.vector if vectors is None else vectors[place]
            meaning = float(embedder.embed_query(asked) @ vector)
            yield support(asked, sentence, context_of(chunk), meaning, corpus)
            return


def context_of(chunk: StoredChunk) -> str:
    """All words that a passage of this chunk alone is found by."""
    return " ".join((chunk.document.title, *chunk.heading_path, chunk.text))


def _some_words(sentence: str, draw: random.Random, language: str) -> str:
    """A share of the sentence's content words in their order; empty when it is too short or too long to ask about."""
    if not SHORTEST <= len(sentence.split()) <= LONGEST:
        return ""
    content = [word for raw in sentence.split() if terms(word := raw.strip(".,;:()\"'"), language)]
    count = min(len(content), max(3, min(ASKED_MOST, int(len(content) * ASKED_SHARE))))
    return " ".join(content[place] for place in sorted(draw.sample(range(len(content)), count)))
