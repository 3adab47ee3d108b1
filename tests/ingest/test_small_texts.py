"""Subtitles, notebooks and source code."""

import json

import pytest

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks


def read(text: str, name: str) -> Extracted:
    extracted = extract(text.encode(), name)
    check_blocks(extracted.blocks, extracted.text)
    return extracted


SRT = """1
00:00:01,000 --> 00:00:04,000
Welcome to the course on

2
00:00:04,000 --> 00:00:07,500
<i>lockout</i> rules. The red tag

3
00:00:07,500 --> 00:00:10,000
is removed by its owner only.

4
00:01:20,000 --> 00:01:22,000
After the break: {\\an8}gloves.
"""


def test_sentences_run_over_cues_and_a_pause_ends_a_paragraph() -> None:
    text = read(SRT, "course.srt").text
    assert (
        "[0:00:01] Welcome to the course on lockout rules. The red tag is removed by its owner only." in text
    )
    assert text.endswith("[0:01:20] After the break: gloves.")
    assert "-->" not in text


def test_speakers_of_a_transcript_have_their_own_paragraphs() -> None:
    vtt = (
        "WEBVTT - Kickoff\n\nNOTE nothing of this\n\nSTYLE\n::cue {color: red}\n\n"
        "intro\n00:01.000 --> 00:04.000 line:0 position:20%\n<v Ida>We move the fair</v>\n\n"
        "00:04.000 --> 00:06.000\n<v Ida>to 9 May.</v>\n<v.loud Bo>Hall 2 is <00:05.000>booked &amp; paid.\n\n"
        "00:06.000 --> 00:08.000\nUwe: Good.\n"
    )
    assert read(vtt, "meeting.vtt").text.split("\n\n")[1:] == [
        "[0:00:01] Ida: We move the fair to 9 May.",
        "[0:00:04] Bo: Hall 2 is booked & paid.",
        "[0:00:06] Uwe: Good.",
    ]


def test_captions_that_roll_are_said_once() -> None:
    cues = ["a first line", "a first line\nand a second", "and a second\nand a third"]
    srt = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{cue}\n\n" for n, cue in enumerate(cues, 1))
    assert read(srt, "roll.srt").text.endswith("a first line and a second and a third")


def test_subtitles_without_words_are_empty() -> None:
    assert read("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "none.vtt").reason == "the subtitles say nothing"


def notebook(*cells: dict[str, object], **more: object) -> str:
    return json.dumps({"cells": list(cells), "nbformat": 4, **more})


def test_a_notebook_is_its_prose_its_code_and_what_that_printed() -> None:
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 5000, "text/plain": "<Figure>"}}
    printed = {"output_type": "stream", "text": ["2.0\n", "3.0\n"]}
    failed = {"output_type": "error", "ename": "ValueError", "traceback": ["x"]}
    text = read(
        notebook(
            {"cell_type": "markdown", "source": ["# Wear\n", "The seal wears by 0.4 mm."]},
            {"cell_type": "code", "source": "print(2.0)", "outputs": [printed, picture, failed]},
            metadata={"language_info": {"name": "julia"}},
        ),
        "model.ipynb",
    )
    assert text.title == "Wear"
    assert "```julia\nprint(2.0)\n```\n\n```text\n2.0\n3.0\n```" in text.text
    assert "AAAA" not in text.text
    assert "ValueError" not in text.text


def test_a_notebook_tells_what_went_wrong_and_what_it_shows_as_markdown() -> None:
    failed = {"output_type": "error", "ename": "KeyError", "evalue": "no pier 9", "traceback": ["deep"]}
    shown = {"output_type": "display_data", "data": {"text/markdown": "**Mean**: 4.5 m", "text/plain": "<M>"}}
    text = read(
        notebook({"cell_type": "code", "source": "run()", "outputs": [failed, shown]}), "m.ipynb"
    ).text
    assert "KeyError: no pier 9" in text
    assert "**Mean**: 4.5 m" in text
    assert "deep" not in text


def test_what_is_no_notebook_is_text() -> None:
    assert read("{broken", "x.ipynb").text == "{broken"
    assert read(notebook(), "x.ipynb").reason == "the notebook has no text"


@pytest.mark.parametrize(
    ("name", "source", "titles"),
    [
        ("pump.py", "import os\n\n\nclass Pump:\n    def start(self):\n        pass\n\n\nasync def main():\n    pass\n",
         ["class Pump", "def start", "def main"]),
        ("pump.ts", "export interface Pump { id: number }\n\nexport async function start(): void {\n}\n",
         ["interface Pump", "function start"]),
        ("pump.go", "type Pump struct {\n}\n\nfunc (p *Pump) Start() {\n}\n", ["type Pump", "func Start"]),
        ("pump.rs", "pub struct Pump;\n\nimpl Pump {\n    pub fn start(&self) {}\n}\n",
         ["struct Pump", "impl Pump", "fn start"]),
        ("pump.sql", "CREATE TABLE pumps (\n  id int\n);\n", ["table pumps"]),
        ("pump.sh", "start_pump() {\n  true\n}\n", ["start_pump"]),
        ("pump.h", "int start(int level);\n#define MAX(a, b) ((a) > (b) ? (a) : (b))\n", []),
    ],
)  # fmt: skip
def test_definitions_are_headings_of_source_code(name: str, source: str, titles: list[str]) -> None:
    extracted = read(source, f"plant/{name}")
    assert [heading.title for heading in extracted.headings] == titles
    assert extracted.text == source.strip().replace("\n\n\n", "\n\n")
    assert extracted.title == name


C = """struct pump {
    int id;
};

static struct pump *find_pump(const char *name,
                              int (*same)(int))
{
    if (name) {
        return open(name);
    }
}

int main(void) {
    while (true) {
    }
}
"""
JAVA = """public class Pump {
    @Override
    public Map<String, Integer> start(int level) throws IOException {
        if (level > 3) {
            return new Thread() {
            };
        } else if (ready()) {
        }
    }

    private Pump(String id) {
    }
}
"""
CPP = "namespace plant {\n\nvoid Pump::start(int level) const\n{\n}\n\n}\n"


@pytest.mark.parametrize(
    ("name", "source", "titles"),
    [
        ("pump.c", C, ["struct pump", "find_pump", "main"]),
        ("Pump.java", JAVA, ["class Pump", "start", "Pump"]),
        ("pump.cpp", CPP, ["namespace plant", "Pump::start"]),
    ],
)
def test_functions_without_a_keyword_are_headings_too(name: str, source: str, titles: list[str]) -> None:
    assert [heading.title for heading in read(source, name).headings] == titles


def test_prose_and_signs_are_no_definitions_and_no_tags() -> None:
    source = 'def gate():\n    """\n    Type of the gate.\n    class names, see below\n    """\n'
    assert [one.title for one in read(source, "gate.py").headings] == ["def gate"]
    assert (
        "if 5 < 6 and 7 > 3 then"
        in read("1\n00:00:01,000 --> 00:00:02,000\nif 5 < 6 and 7 > 3 then\n", "a.srt").text
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "def a():\n    x = 1\n" * 60_000),
        ("a.sql", "CREATE TABLE a (\n id int\n);\nINSERT INTO a VALUES (1);\n" * 30_000),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v a" * 250_000),
        ("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": "`" * 1_000_000}]})),
    ],
)
def test_a_megabyte_of_anything_ends(name: str, text: str) -> None:
    read(text, name)


def test_cues_without_blank_lines_and_words_before_a_colon() -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,000\nNote: prices exclude VAT\n2\n00:00:02,100 --> 00:00:03,000\nand fees.\n"
    assert read(srt, "a.srt").text.endswith("[0:00:01] Note: prices exclude VAT and fees.")
