// Excerpts, numbers, copies and languages.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Source } from "../src/core/events";
import { numbering, Turn } from "../src/core/turn";
import { en } from "../src/languages/en";
import { chosen, fill } from "../src/languages/languages";
import { BlockPainter } from "../src/reader/blocks";
import { locate } from "../src/reader/locate";
import { withSources } from "../src/view/copying";
import { opening, quoted, tidy } from "../src/view/excerpt";
import { citing } from "./citing";

const text = (nodes: Node[]) => nodes.map((node) => node.textContent).join("");

function source(passage: string): Source {
  return { n: 1, document_id: "d1", chunk_id: 1, title: "Manual", uri: "m", page: null, heading_path: [], start: 50, end: 50 + passage.length, text: passage, score: 1 };
}

describe("an excerpt", () => {
  const passage = `${"intro ".repeat(40)}Hold the button. ${"outro ".repeat(40)}`;
  const at = 50 + passage.indexOf("Hold");
  const citation = { ...citing("Hold the button.", "Hold the button."), span: { start: at, end: at + 16, page: null, heading_path: [] } };

  it("begins and ends at whole words", () => {
    const shown = text(quoted(citation, source(passage)));
    expect(shown).toMatch(/^… intro (intro )+Hold the button\. (outro )+…$/);
  });

  it("marks quoted words, and not those of an unverified citation", () => {
    expect(quoted(citation, source(passage))[1]).toHaveProperty("tagName", "MARK");
    expect(quoted({ ...citation, verified: false }, source(passage))[1]).toHaveProperty("tagName", "SPAN");
  });

  it("makes the deciding sentence bold", () => {
    const [, words] = quoted({ ...citation, quote: "Hold the button.", key_span: { start: 9, end: 15 } }, source(passage));
    expect((words as HTMLElement).querySelector("strong")!.textContent).toBe("button");
  });

  it("keeps each item of a list on its line", () => {
    expect(tidy("Do:\n- **one**\n- two\n\n| a | b |\n|---|---|\n## Head")).toBe("Do:\n• one\n• two\na · b\nHead");
  });

  it("of a passage without a quote is its beginning, up to a whole word", () => {
    expect(text(opening("word ".repeat(100)))).toMatch(/^(word )+…$/);
  });
});

it("numbers count from 1 by first use, whatever the sources were numbered", () => {
  const answer = "First. Second. Third.";
  const shown = numbering([citing(answer, "Third.", 2), citing(answer, "First.", 4), citing(answer, "Second.", 2)]);
  expect([shown.get(4), shown.get(2)]).toEqual([1, 2]);
});

it("a copy has numbers behind sentences and says what was not verified", () => {
  const turn = new Turn("?", () => undefined);
  turn.text = "First. Second.";
  turn.citations = [citing(turn.text, "First.", 4), citing(turn.text, "Second.", 2, false)];
  expect(withSources(turn, en)).toBe("First. [1] Second. [2?]\n\nSources:\n[1] Manual: “First.” manual.md\n[2] Manual: “Second.” (not verified) manual.md");
});

describe("languages", () => {
  const folder = join(process.cwd(), "src", "languages");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

  it.each(files)("%s says everything, with the same places to fill", (name) => {
    const strings = JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, string>;
    expect(Object.keys(strings).sort()).toEqual(Object.keys(en).sort());
    const places = (one: string) => [...new Set(one.match(/\{\w+\}/g) ?? [])].sort();
    for (const [key, english] of Object.entries(en)) expect(places(strings[key]!), key).toEqual(places(english));
  });

  it("are chosen by the first that is spoken", () => {
    expect(chosen([null, "pt-BR", "de-AT", "fr"])).toBe("de");
    expect(chosen(["xx"])).toBe("en");
    expect(fill("{n} of {of}", { n: 1 })).toBe("1 of {of}");
  });
});

describe("the viewer", () => {
  const MARKDOWN = "# Manual\n\nHold **it** down.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sh\nls\n```";
  const block = (index: number, kind: string, words: string, parent: number | null = null) => ({ index, kind, start: MARKDOWN.indexOf(words), end: MARKDOWN.indexOf(words) + words.length, parent });
  const blocks = [block(0, "heading", "# Manual"), block(1, "paragraph", "Hold **it** down.", 0), block(2, "list", "- one\n- two", 0), block(3, "item", "- one", 2), block(4, "item", "- two", 2), block(5, "table", "| a | b |\n|---|---|\n| 1 | 2 |", 0), block(6, "header", "| a | b |", 5), block(7, "row", "| 1 | 2 |", 5), block(8, "code", "```sh\nls\n```", 0)];

  function painted(quote: string, proof = true): HTMLElement {
    const into = document.createElement("div");
    const from = MARKDOWN.indexOf(quote);
    new BlockPainter({ text: MARKDOWN, from, to: from + quote.length, proof, markdown: true, pages: [], pageName: String }, blocks).paint(into);
    return into;
  }

  it("shows blocks, not raw Markdown", () => {
    const node = painted("Hold **it** down.");
    expect([...node.children].map((one) => one.tagName)).toEqual(["H2", "P", "UL", "DIV", "PRE"]);
    expect(node.textContent).not.toMatch(/[#*|`]|- /);
    expect(node.querySelectorAll("th, td")).toHaveLength(4);
  });

  it("marks the cited words through formatting and blocks", () => {
    expect([...painted("Hold **it** down.").querySelectorAll("mark")].map((one) => one.textContent).join("")).toBe("Hold it down.");
    expect([...painted("- one\n- two").querySelectorAll("mark")].map((one) => one.textContent)).toEqual(["one", "two"]);
  });

  it("never marks as proof what was not verified", () => {
    const node = painted("Hold **it** down.", false);
    expect(node.querySelector("mark")).toBeNull();
    expect(node.querySelector(".unproven")).not.toBeNull();
  });

  it("finds a quote that has moved, and says when it is gone", () => {
    const fetched = { title: "", uri: "", media_type: "", version: "", start: 10, end: 40, length: 40, text: "🦊 now the words stand here", pages: [] };
    expect(locate(fetched, 12, 20, "the words")).toEqual({ from: 7, to: 16, found: true });
    expect(locate(fetched, 12, 20, "other words").found).toBe(false);
  });
});
