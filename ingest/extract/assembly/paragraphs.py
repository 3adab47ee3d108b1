"""What only the words of paragraphs tell of their build: questions with answers, turns of a dialogue, fields.

Run over the blocks of every text format, because people write "Q:", "Customer:" and "Owner:" wherever they write.
Only what is sure is changed: a question needs its answer, a field a second one beside it. Spans stay those of the text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from ragchat.documents import Block, BlockKind, Span

Side: TypeAlias = Literal["asks", "answers"]

_LINE: Final = re.compile(r"[^\n]+")
_MARKS: Final = r"[\s>*_#\-]{0,8}"
_TURN: Final = re.compile(
    _MARKS
    + r"(?:\[[^\]\n]{1,40}\][ \t]*|\(?\d{1,2}:\d\d(?::\d\d)?\)?[ \t]+)?[*_]{0,3}"
    + r"([^\W\d_][^:\n*]{0,40})[*_]{0,3}:[*_]{0,3}(?:\s|$)"
)
_FIELD: Final = re.compile(
    r"[\s>]{0,8}[*_]{0,3}([^\W\d_][^:\n*]{0,47})[*_]{0,3}:[*_]{0,3}[ \t]+[*_]{0,3}[^\W_]"
)
_BOLD_QUESTION: Final = re.compile(r"[\s>]{0,8}(\*\*|__)(?=\S)[^\n]{1,240}?\?\s?(?:\1|\1\s*:)", re.DOTALL)
_KEY_WORDS: Final = 5
LONGEST_FIELD: Final = 240
"""Code points of a paragraph that can be a field by itself."""
_ASKS: Final = frozenset(
    """q question f frage p pregunta pergunta d domanda v vraag customer client user caller visitor requester guest
    kunde kundin nutzer cliente utente klant gebruiker usuario usuária utilisateur""".split()  # noqa: SIM905
)
_ANSWERS: Final = frozenset(
    """a answer antwort r réponse reponse respuesta resposta risposta antwoord support agent helpdesk desk assistant
    bot advisor representative operator staff technician engineer team berater beraterin techniker soporte agente
    assistente atendente medewerker conseiller conseillère""".split()  # noqa: SIM905
)
"""Last words of a turn's label (numbers aside) that say who asks and who answers: English, German, Spanish, French,
Portuguese, Italian, Dutch. A label of one letter counts only in a pair with the other's."""
_BEFORE_ROLE: Final = frozenset("the help service technical it our your first second".split())  # noqa: SIM905
_LETTERS: Final = {"q": "a", "f": "a", "p": "r", "d": "r", "v": "a"}
LOOSE_TURNS: Final = 4
"""Turns of two named people that make a dialogue where no label says who is who."""


@dataclass(slots=True)
class _Node:
    kind: BlockKind
    span: Span
    lead: Span | None
    below: "list[_Node]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A line that begins what somebody says: the node and the offset, and whose it is."""

    node: int
    start: int
    label: str


def told_apart(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """The blocks, with questions, answers and pairs in the place of paragraphs that are such."""
    if ":" not in text and "?" not in text and not any(block.kind == "answer" for block in blocks):
        return tuple(blocks)
    roots = _tree(blocks)
    for children in _siblings(roots):
        children[:] = _fields(_asked(_spoken(children, text), text), text)
        for node in children:
            if node.kind == "answer" and [(one.kind, one.span) for one in node.below] == [
                ("paragraph", node.span)
            ]:
                node.below = []
    return tuple(_flat(roots))


def _tree(blocks: Sequence[Block]) -> list[_Node]:
    roots: list[_Node] = []
    nodes: list[_Node] = []
    for block in blocks:
        node = _Node(block.kind, block.span, block.lead)
        nodes.append(node)
        (nodes[block.parent].below if block.parent >= 0 else roots).append(node)
    return roots


def _siblings(roots: list[_Node]) -> Iterator[list[_Node]]:
    """Every list of siblings, the innermost first."""
    due = [roots]
    found: list[list[_Node]] = []
    while due:
        children = due.pop()
        found.append(children)
        due.extend(node.below for node in children if node.below)
    return reversed(found)


def _flat(roots: list[_Node]) -> list[Block]:
    blocks: list[Block] = []
    due = [(node, -1) for node in reversed(roots)]
    while due:
        node, parent = due.pop()
        blocks.append(Block(node.kind, node.span, parent, node.lead))
        due.extend((below, len(blocks) - 1) for below in reversed(node.below))
    return blocks


def _spoken(children: list[_Node], text: str) -> list[_Node]:
    """Runs of turns as questions and answers; what stands behind the last turn's paragraph stays as it was, but for
    lists, tables and code right below."""
    turns = [turn for place, node in enumerate(children) for turn in _turns(place, node, text)]
    sides = _sides([turn.label for turn in turns]) or _by_name(turns, children, text)
    turns = [turn for turn in turns if turn.label in sides]
    if not turns:
        return children
    stops = [(turn.node, turn.start) for turn in turns[1:]] + [_end_of_last(children, turns[-1].node)]
    spoken = children[: turns[0].node]
    spoken += _between(children, (turns[0].node, 0), (turns[0].node, turns[0].start), text)
    asked: Span | None = None
    for turn, stop in zip(turns, stops, strict=True):
        parts = _between(children, (turn.node, turn.start), stop, text)
        first = parts[0].span
        asks = sides[turn.label] == "asks" and (asked is None or "?" in first.of(text))
        if asks:
            spoken += [replace(parts[0], kind="question", lead=None), *parts[1:]]
            asked = first
        else:
            spoken.append(_answer(parts, asked))
    return spoken + children[stops[-1][0] :]


def _turns(place: int, node: _Node, text: str) -> Iterator[_Turn]:
    if node.kind != "paragraph":
        return
    for line in _LINE.finditer(text, node.span.start, node.span.end):
        if match := _TURN.match(line[0]):
            yield _Turn(place, line.start(), _folded(match[1]))


def _folded(label: str) -> str:
    """A label without numbers, marks and what stands in brackets: "Question 3" is "question"."""
    return " ".join(re.findall(r"[^\W\d_]+", label.partition("(")[0].lower()))


def _sides(labels: Sequence[str]) -> dict[str, Side]:
    """Whose label asks and whose answers; empty where that is no dialogue."""
    sides: dict[str, Side] = {}
    for label in dict.fromkeys(labels):
        *before, last = label.split() or [""]
        if last in _ASKS | _ANSWERS and _BEFORE_ROLE.union(_ASKS, _ANSWERS).issuperset(before):
            sides[label] = "asks" if last in _ASKS else "answers"
    for label in [one for one in sides if len(one) == 1]:
        partner = _LETTERS.get(label) or next(
            (q for q, a in _LETTERS.items() if a == label and q in sides), ""
        )
        if partner not in sides:
            del sides[label]
    return sides if len(set(sides.values())) == 2 else {}


def _by_name(turns: Sequence[_Turn], children: Sequence[_Node], text: str) -> dict[str, Side]:
    """Two labels that come back, with no third one among them, and a question: who speaks first asks."""
    counts = Counter(turn.label for turn in turns)
    names = [label for label, count in counts.items() if count > 1 and label]
    if len(names) != 2 or counts[names[0]] + counts[names[1]] < LOOSE_TURNS:
        return {}
    places = [place for place, turn in enumerate(turns) if turn.label in names]
    first, last = turns[places[0]].start, children[turns[places[-1]].node].span.end
    if places[-1] - places[0] >= len(places) or "?" not in text[first:last]:
        return {}
    return {names[0]: "asks", names[1]: "answers"}


def _end_of_last(children: Sequence[_Node], place: int) -> tuple[int, int]:
    after = place + 1
    while after < len(children) and children[after].kind in ("list", "table", "code", "quotation"):
        after += 1
    return after, 0


def _between(
    children: Sequence[_Node], start: tuple[int, int], stop: tuple[int, int], text: str
) -> list[_Node]:
    """The siblings from one place to another, paragraphs cut where a place is inside of one."""
    parts: list[_Node] = []
    for place in range(start[0], min(stop[0] + 1, len(children))):
        node = children[place]
        begin = max(node.span.start, start[1]) if place == start[0] else node.span.start
        end = min(node.span.end, stop[1]) if place == stop[0] else node.span.end
        if place == stop[0] and stop[1] <= node.span.start:
            break
        if (begin, end) == (node.span.start, node.span.end):
            parts.append(node)
        elif (span := _stripped(text, begin, end)) is not None:
            parts.append(_Node(node.kind, span, node.lead))
    return parts


def _stripped(text: str, start: int, end: int) -> Span | None:
    body = text[start:end]
    if not body.strip():
        return None
    return Span(start + len(body) - len(body.lstrip()), start + len(body.rstrip()))


def _answer(parts: list[_Node], asked: Span | None) -> _Node:
    if len(parts) == 1 and not parts[0].below:
        return replace(parts[0], kind="answer", lead=asked)
    return _Node("answer", Span(parts[0].span.start, parts[-1].span.end), asked, parts)


def _asked(children: list[_Node], text: str) -> list[_Node]:
    """A paragraph that is a question in bold opens an answer: all up to the next one, of the last a paragraph and the
    lists, tables and code behind it."""
    places = [place for place, node in enumerate(children) if _is_bold_question(node, text)]
    if not places:
        return children
    asked = children[: places[0]]
    for place, stop in zip(places, [*places[1:], -1], strict=True):
        question = replace(children[place], kind="question", lead=None)
        after = place + 1
        end = stop if stop >= 0 else _end_of_last(children, after)[0]
        end = next((i for i in range(after, min(end, len(children))) if children[i].kind == "heading"), end)
        parts = children[after:end]
        if not parts:
            asked.append(children[place])
        else:
            asked += [question, _answer(parts, question.span)]
        asked += children[max(end, after) : stop] if stop >= 0 else children[max(end, after) :]
    return asked


def _is_bold_question(node: _Node, text: str) -> bool:
    return node.kind == "paragraph" and _BOLD_QUESTION.fullmatch(node.span.of(text)) is not None


def _fields(children: list[_Node], text: str) -> list[_Node]:
    """Two fields or more that stand below each other become pairs."""
    made: list[_Node] = []
    single: list[_Node] = []
    for node in children:
        spans = _field_lines(node, text)
        if len(spans) == 1 and len(node.span) <= LONGEST_FIELD:
            single.append(node)
            continue
        made += _paired(single)
        single = []
        made += [_Node("pair", span, node.lead) for span in spans] if len(spans) > 1 else [node]
    return made + _paired(single)


def _paired(nodes: list[_Node]) -> list[_Node]:
    return [replace(node, kind="pair") for node in nodes] if len(nodes) > 1 else nodes


def _field_lines(node: _Node, text: str) -> list[Span]:
    """A span for each line of a paragraph (with the indented lines below it) that is all fields; else none."""
    if node.kind != "paragraph" or node.below:
        return []
    spans: list[Span] = []
    for line in _LINE.finditer(text, node.span.start, node.span.end):
        if not line[0].strip():
            continue
        span = _stripped(text, line.start(), line.end())
        if _is_field(line[0]) and span is not None:
            spans.append(span)
        elif spans and line[0][0] in " \t" and span is not None:
            spans[-1] = Span(spans[-1].start, span.end)
        else:
            return []
    return spans


def _is_field(line: str) -> bool:
    match = _FIELD.match(line)
    return match is not None and len(match[1].split()) <= _KEY_WORDS and not re.search(r"[.!?;,]\s", match[1])
