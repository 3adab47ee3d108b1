"""Blocks as SQLite stores them: one compressed column of numbers for a document, made into blocks only where asked for.

Six numbers a block, each the difference to what can be expected (the start to that of the block before, the parent to
its own index, …), in columns of 4 bytes, deflated: about 7 bytes a block of a short document (bench/blocks).
"""

import zlib
from collections.abc import Sequence
from typing import Final, get_args, overload

import numpy as np
from numpy.typing import NDArray

from ragchat.documents import Block, BlockKind, Span

_KINDS: Final[tuple[BlockKind, ...]] = get_args(BlockKind)
_NUMBERS: Final = {kind: number for number, kind in enumerate(_KINDS)}
_COLUMNS: Final = 6
_LEVEL: Final = 6


def blocks_to_bytes(blocks: Sequence[Block]) -> bytes:
    """Empty for no blocks."""
    if not blocks:
        return b""
    rows = np.array([_row(index, block) for index, block in enumerate(blocks)], dtype=np.int64)
    rows[1:, 1] -= rows[:-1, 1].copy()
    return zlib.compress(rows.T.astype("<i4").tobytes(), _LEVEL)


def _row(index: int, block: Block) -> tuple[int, int, int, int, int, int]:
    """kind, start, length, distance to the parent (0: none), distance back to the lead, its length (0: none)."""
    lead = block.lead
    return (
        _NUMBERS[block.kind],
        block.span.start,
        len(block.span),
        index - block.parent if block.parent >= 0 else 0,
        block.span.start - lead.start if lead is not None else 0,
        len(lead) if lead is not None else 0,
    )


class StoredBlocks(Sequence[Block]):
    """The blocks of a document, each made when it is first asked for; a few bytes until then."""

    def __init__(self, content: bytes) -> None:
        """Raises ValueError, zlib.error for bytes that `blocks_to_bytes` did not write."""
        raw = zlib.decompress(content) if content else b""
        rows: NDArray[np.int64] = np.frombuffer(raw, dtype="<i4").reshape(_COLUMNS, -1).T.astype(np.int64)
        rows[:, 1] = np.cumsum(rows[:, 1])
        self._rows = rows
        self._made: dict[int, Block] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Block: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Block]: ...
    def __getitem__(self, index: int | slice) -> Block | Sequence[Block]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        known = self._made.get(index)
        if known is not None:
            return known
        place = range(len(self))[index]
        made = self._made[place] = self._block(place)
        return made

    def _block(self, place: int) -> Block:
        kind, start, length, up, back, lead = self._rows[place].tolist()
        return Block(
            _KINDS[kind],
            Span(start, start + length),
            place - up if up else -1,
            Span(start - back, start - back + lead) if lead else None,
        )
