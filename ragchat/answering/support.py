"""How sure it is that a sentence answers a question: one number, about [0, 1], that is compared with the threshold.

The meaning of the sentence, its words, and what its passage holds of the question: words, names, figures. The
weights are general: chosen once, the same for every corpus; what each is worth stands in bench/answering/README.md.
"""

from dataclasses import dataclass

from ragchat.answering.asked import Asked, asked
from ragchat.answering.overlap import terms
from ragchat.answering.searching import Corpus
from ragchat.answering.wording import Wording, share

OVERLAP, COVERAGE, KIND = 0.3, 0.2, 0.03
"""Beside the meaning's weight of 1: the sentence's share of the question's words, its passage's, and whether the
sentence names the kind of thing asked for."""
MISSING_FIGURES, MISSING_NAMES, UNKNOWN = 0.2, 0.05, 0.2
"""Taken off when no figure or identifier of the question stands in the passage, when no name of it does, and when the
question names an unknown kind of something known."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A passage in the light of a question. `coverage` is its share of the question's words, `granted` the support
    that it lends to each of its sentences."""

    wording: Wording
    coverage: float
    granted: float

    @staticmethod
    def of(wanted: Asked, passage: str, corpus: Corpus) -> "Surroundings":
        """`passage` is the text with its title and headings."""
        words = terms(passage, corpus.language)
        wording = Wording.of(wanted.wanted, words, corpus.idf)
        held = wording.held(words)
        coverage = share(wanted.wanted, held, corpus.idf)
        weighed = share(wanted.topic, held, wanted.weighed(corpus.idf))
        granted = COVERAGE * (coverage + weighed) / 2
        granted -= MISSING_FIGURES * wanted.missing_figures(held, corpus.idf)
        granted -= MISSING_NAMES * wanted.missing_names(held, corpus.idf)
        granted -= UNKNOWN * wanted.unknown(corpus.idf)
        return Surroundings(wording, coverage, granted)

    def support(self, meaning: float, overlap: float, kind: float = 0.0) -> float:
        """Of a sentence with this cosine with the question and this share of its words; `kind` in [-1, 1] says
        whether it names the kind of thing asked for."""
        return max(
            0.0,
            (meaning + OVERLAP * overlap + KIND * kind + self.granted) / (1 + OVERLAP + COVERAGE),
        )


def support(question: str, sentence: str, passage: str, meaning: float, corpus: Corpus) -> float:
    """How well a sentence answers: `meaning` is its cosine with the question, `passage` the text around it."""
    wanted = asked(question, corpus.language)
    around = Surroundings.of(wanted, passage, corpus)
    held = around.wording.held(terms(sentence, corpus.language))
    return around.support(meaning, share(wanted.wanted, held, corpus.idf))
