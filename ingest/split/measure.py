"""How long a text is for an embedder, without its tokenizer: splitting must not depend on the model.

The estimate was fitted to MiniLM's WordPiece on prose, documentation, code and tables (see bench/retrieval).
"""

import re
from functools import lru_cache

_PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def estimated_tokens(text: str) -> int:
    """About the number of WordPiece tokens of `text`; one a character in scripts written without spaces."""
    if text.isascii():
        return sum(map(_tokens_of, _PIECE.findall(text)))
    return sum(max(_tokens_of(piece), len(_UNSPACED.findall(piece))) for piece in _PIECE.findall(text))


@lru_cache(65_536)
def _tokens_of(piece: str) -> int:
    """Common English words are one token, long and rare ones more; digits go in twos and threes."""
    if piece[0].isdigit():
        return (len(piece) + 2) // 3 + (len(piece) > 4)
    if len(piece) <= 8:
        return 1
    return 1 + (len(piece) - 5) // 4
