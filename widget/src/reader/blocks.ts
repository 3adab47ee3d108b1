// A document as its extractor knew it: headings, paragraphs, lists, tables and code from its blocks, never raw Markdown.
// The cited words are marked whatever blocks they run through.

import { Lexer } from "marked";
import { make } from "../view/dom";
import { type Hooks, Pen } from "../markdown/draw";

export interface Block {
  readonly index: number;
  readonly kind: string;
  /** UTF-16 units of the text. */
  readonly start: number;
  readonly end: number;
  readonly parent: number | null;
}

export interface Shown {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Whether the words are shown as proof. */
  readonly proof: boolean;
  /** Whether the text keeps the signs of Markdown within its lines. */
  readonly markdown: boolean;
  /** Where pages begin, in units, with their numbers. */
  readonly pages: readonly { readonly at: number; readonly number: number }[];
  readonly pageName: (number: number) => string;
}

const MARK = /^[ \t]*(?:#{1,6}|[-*+•]|\d{1,4}[.)]|>)[ \t]+/;

export class BlockPainter {
  private readonly parts = new Map<number | null, Block[]>();
  private page = 0;

  constructor(
    private readonly shown: Shown,
    blocks: readonly Block[],
  ) {
    const kinds = new Map(blocks.map((block) => [block.index, block.kind]));
    for (const block of blocks) {
      const inside = block.parent !== null && kinds.has(block.parent) && kinds.get(block.parent) !== "heading";
      const home = inside ? block.parent : null;
      this.parts.set(home, [...(this.parts.get(home) ?? []), block]);
    }
  }

  paint(into: Element): void {
    const top = this.parts.get(null) ?? [];
    if (!top.length) this.words(0, this.shown.text.length, into.appendChild(make("p")));
    for (const block of top) {
      this.turnPages(block.start, into);
      this.block(block, into);
    }
  }

  private turnPages(at: number, into: Element): void {
    for (let next = this.shown.pages[this.page]; next && next.at <= at; next = this.shown.pages[this.page]) {
      into.append(make("p", { class: "page", "data-page": String(next.number) }, this.shown.pageName(next.number)));
      this.page += 1;
    }
  }

  private block(block: Block, into: Element): void {
    const body = this.shown.text.slice(block.start, block.end);
    switch (block.kind) {
      case "heading": {
        const depth = /^#{1,6}/.exec(body)?.[0].length ?? 2;
        return this.words(block.start, block.end, into.appendChild(make(`h${Math.min(6, depth + 1)}`)));
      }
      case "list": {
        const numbered = this.parts.get(block.index)?.some((part) => part.kind === "step") ?? false;
        return this.contents(block, into.appendChild(make(numbered ? "ol" : "ul")));
      }
      case "item":
      case "step": {
        const number = /^\s*(\d{1,4})[.)]/.exec(body)?.[1];
        return this.contents(block, into.appendChild(make("li", { value: block.kind === "step" ? number : null })));
      }
      case "table":
        return this.table(block, into);
      case "header":
      case "row":
        return this.table(block, into);
      case "code": {
        const inner = /^[ \t]*(```|~~~)[^\n]*\n/.exec(body);
        const start = block.start + (inner?.[0].length ?? 0);
        const end = inner && /\n[ \t]*(```|~~~)[ \t]*$/.test(body) ? block.start + body.lastIndexOf("\n") : block.end;
        return this.plain(start, Math.max(start, end), into.appendChild(make("pre", { tabindex: "0" })));
      }
      case "quotation":
        return this.contents(block, into.appendChild(make("blockquote")));
      case "question":
        return this.words(block.start, block.end, into.appendChild(make("p", { class: "asked" })));
      case "answer":
        return this.contents(block, into.appendChild(make("div")));
      default:
        return this.words(block.start, block.end, into.appendChild(make("p", { class: block.kind })));
    }
  }

  /** A container: its parts, and the words of its own between them. */
  private contents(block: Block, into: Element): void {
    let at = block.start;
    for (const part of this.parts.get(block.index) ?? []) {
      this.between(at, part.start, into);
      this.block(part, into);
      at = part.end;
    }
    this.between(at, block.end, into);
  }

  private between(start: number, end: number, into: Element): void {
    const words = this.shown.text.slice(start, end).replace(MARK, "").trim();
    if (/[\p{L}\p{N}]/u.test(words)) this.words(start, end, into.appendChild(make("span")));
  }

  private table(block: Block, into: Element): void {
    const body = make("tbody");
    const rows = block.kind === "table" ? (this.parts.get(block.index) ?? []) : [block];
    let at = block.start;
    for (const row of rows) {
      if (row.kind !== "header" && row.kind !== "row") this.block(row, into);
      else this.rows(row, body);
      at = row.end;
    }
    if (!rows.length || at < block.end) this.lines(at, block.end, "td", body);
    into.append(make("div", { class: "scroll", tabindex: "0" }, make("table", {}, body)));
  }

  private rows(row: Block, body: Element): void {
    this.lines(row.start, row.end, row.kind === "header" ? "th" : "td", body);
  }

  private lines(start: number, end: number, kind: "th" | "td", body: Element): void {
    let at = start;
    for (const line of this.shown.text.slice(start, end).split("\n")) {
      if (/[\p{L}\p{N}]/u.test(line)) this.cells(line, at, kind, body.appendChild(make("tr")));
      at += line.length + 1;
    }
  }

  private cells(line: string, start: number, kind: "th" | "td", row: Element): void {
    const from = /^\s*\|/.exec(line)?.[0].length ?? 0;
    const inner = line.slice(from).replace(/\|\s*$/, "");
    let at = start + from;
    for (const cell of inner.split(/(?<!\\)\|/)) {
      this.words(at, at + cell.length, row.appendChild(make(kind)));
      at += cell.length + 1;
    }
  }

  /** Running words of `[start, end)`, without the mark that made a line a heading or an item. */
  private words(start: number, end: number, into: Element): void {
    const sign = MARK.exec(this.shown.text.slice(start, end))?.[0].length ?? 0;
    const from = start + sign;
    const piece = this.shown.text.slice(from, end).replace(/[ \t]+#+[ \t]*$/, "");
    if (!this.shown.markdown) return this.plain(from, from + piece.length, into);
    const group = { start: this.shown.from - from, end: this.shown.to - from, citations: [], verified: this.shown.proof };
    const pen = new Pen(piece, group.end > group.start ? [group] : [], this.hooks);
    pen.inline(Lexer.lexInline(piece, { gfm: true }), into);
  }

  private plain(start: number, end: number, into: Element): void {
    const { text, from, to } = this.shown;
    const [a, b] = [Math.min(Math.max(from, start), end), Math.max(Math.min(to, end), start)];
    if (b <= a) return into.append(text.slice(start, end));
    into.append(text.slice(start, a), this.marked(text.slice(a, b)), text.slice(b, end));
  }

  private marked(words: string): Node {
    return make(this.shown.proof ? "mark" : "span", this.shown.proof ? {} : { class: "unproven" }, words);
  }

  private readonly hooks: Hooks = {
    marks: () => [],
    stretch: (_, text) => this.marked(text),
  };
}
