// Markdown to nodes: marked reads it, and every token becomes an element of the few kinds below or a text node.
//
// No string of HTML ever exists, so there is nothing to sanitise: markup in an answer or a document is shown as the
// text that it is, images as the words that describe them, and only http(s) links can be followed, their host in sight.
// Every piece of text knows its place in the source (marked keeps the source of each token in `raw`), so that cited
// stretches can be marked whatever stands in between.

import { Lexer, type Token, type Tokens } from "marked";
import { make } from "../view/dom";
import type { Group } from "./cites";

export interface Hooks {
  /** What stands after a cited stretch. */
  marks(group: Group): Node[];
  /** A stretch of the text that `groups` (at least one) cite. */
  stretch(groups: readonly Group[], text: string): Node;
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: "\u00a0" };
const decoded = (text: string) => text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => ENTITIES[name]!);

export function lexed(source: string): Token[] {
  return new Lexer({ gfm: true }).lex(source.replaceAll("\r", " "));
}

export class Pen {
  private cursor = 0;
  private marked = 0;

  constructor(
    private readonly source: string,
    private readonly groups: readonly Group[] = [],
    private readonly hooks: Hooks | null = null,
    at = 0,
  ) {
    this.cursor = at;
  }

  /** The elements of block tokens that stand in the source one after the other. */
  blocks(tokens: readonly Token[], into: Element): void {
    for (const token of tokens) {
      const end = this.enter(token.raw);
      this.block(token, into, end);
      this.cursor = end;
    }
  }

  inline(tokens: readonly Token[] | undefined, into: Element): void {
    for (const token of tokens ?? []) {
      const end = this.enter(token.raw);
      this.closeTo(this.cursor, into);
      this.inlineToken(token, into);
      this.cursor = Math.max(this.cursor, end);
    }
  }

  /** Marks of stretches that nothing was drawn behind. */
  rest(into: Element): void {
    this.closeTo(Infinity, into);
  }

  private block(token: Token, into: Element, end: number): void {
    switch (token.type) {
      case "space":
      case "def":
        return;
      case "heading":
        return this.leaf(make("h" + Math.min(6, (token as Tokens.Heading).depth + 2)), token, into, end);
      case "paragraph":
        return this.leaf(make("p"), token, into, end);
      case "text": // the words of a list's item
        this.inline(token.tokens ?? [token], into);
        return this.closeTo(end, into);
      case "list":
        return this.list(token as Tokens.List, into);
      case "blockquote":
        return this.blocks((token as Tokens.Blockquote).tokens, into.appendChild(make("blockquote")));
      case "code":
        return this.code(token as Tokens.Code, into, end);
      case "table":
        return this.table(token as Tokens.Table, into);
      case "hr":
        into.append(make("hr"));
        return;
      case "checkbox":
        into.append((token as Tokens.Checkbox).checked ? "☑ " : "☐ ");
        return;
      default: {
        const words = into.appendChild(make("p"));
        this.lines(token.raw.trim(), words);
        this.closeTo(end, words);
      }
    }
  }

  private leaf(element: HTMLElement, token: Token, into: Element, end: number): void {
    into.append(element);
    this.inline((token as Tokens.Paragraph).tokens, element);
    this.closeTo(end, element);
  }

  private list(token: Tokens.List, into: Element): void {
    const list = into.appendChild(make(token.ordered ? "ol" : "ul"));
    if (token.ordered && token.start !== 1) list.setAttribute("start", String(token.start));
    for (const one of token.items) {
      const end = this.enter(one.raw);
      const item = list.appendChild(make("li"));
      this.blocks(one.tokens, item);
      this.closeTo(end, item.lastElementChild?.matches("p:last-child") ? item.lastElementChild : item);
      this.cursor = end;
    }
  }

  private code(token: Tokens.Code, into: Element, end: number): void {
    const code = make("code");
    this.lines(token.text, code);
    into.append(make("pre", { tabindex: "0" }, code));
    if (this.due(end)) this.closeTo(end, into.appendChild(make("p", { class: "behind" })));
  }

  private table(token: Tokens.Table, into: Element): void {
    const body = make("tbody");
    const head = make("tr");
    into.append(make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, head), body)));
    this.row(token.header, head, "th");
    this.cursor = Math.max(this.cursor, this.source.indexOf("\n", this.source.indexOf("\n", this.cursor) + 1));
    for (const cells of token.rows) this.row(cells, body.appendChild(make("tr")), "td");
  }

  private row(cells: readonly Tokens.TableCell[], row: Element, kind: "th" | "td"): void {
    for (const cell of cells) {
      const drawn = row.appendChild(make(kind, cell.align ? { class: cell.align } : {}));
      this.inline(cell.tokens, drawn);
    }
    const line = this.source.indexOf("\n", this.cursor);
    if (row.lastElementChild) this.closeTo(line < 0 ? this.source.length : line, row.lastElementChild);
  }

  private inlineToken(token: Token, into: Element): void {
    switch (token.type) {
      case "strong":
      case "em":
      case "del":
        return this.inline((token as Tokens.Strong).tokens, into.appendChild(make(token.type)));
      case "codespan":
        return this.lines((token as Tokens.Codespan).text, into.appendChild(make("code")));
      case "br":
        into.append(make("br"));
        return;
      case "link":
        return this.link(token as Tokens.Link, into);
      case "image":
        return this.lines((token as Tokens.Image).text, into);
      case "escape":
        return this.lines((token as Tokens.Escape).text, into);
      case "text":
        return token.tokens ? this.inline(token.tokens, into) : this.lines(token.raw, into);
      default:
        return this.lines(token.raw, into);
    }
  }

  private link(token: Tokens.Link, into: Element): void {
    const host = hostOf(token.href);
    if (!host) return this.inline(token.tokens, into);
    const link = make("a", { href: token.href, target: "_blank", rel: "noopener noreferrer nofollow" });
    this.inline(token.tokens, into.appendChild(link));
    if (!token.text.includes(host)) into.append(make("span", { class: "host" }, ` (${host})`));
  }

  /** Text that may run over several lines; those of a list are indented in the source and not in its tokens. */
  private lines(raw: string, into: Element): void {
    for (const [index, line] of raw.split("\n").entries()) {
      if (index) into.append("\n");
      if (line) this.words(line, into);
    }
  }

  private words(raw: string, into: Element): void {
    const found = this.source.indexOf(raw, this.cursor);
    const start = found < 0 ? this.cursor : found;
    const end = found < 0 ? start : found + raw.length;
    const edges = new Set([start, end]);
    const around = this.groups.filter((group) => group.start < end && group.end > start);
    for (const group of around) edges.add(Math.max(start, group.start)).add(Math.min(end, group.end));
    const cuts = [...edges].sort((a, b) => a - b);
    if (start === end) into.append(decoded(raw));
    for (let index = 0; index + 1 < cuts.length; index += 1) {
      const [from, to] = [cuts[index]!, cuts[index + 1]!];
      this.closeTo(from, into);
      const text = decoded(raw.slice(from - start, to - start));
      const citing = around.filter((group) => group.start < to && group.end > from);
      into.append(citing.length && this.hooks ? this.hooks.stretch(citing, text) : text);
    }
    this.cursor = end;
  }

  /** Goes to where `raw` begins; where it ends. */
  private enter(raw: string): number {
    const found = this.source.indexOf(raw, this.cursor);
    if (found >= 0) this.cursor = found;
    return found < 0 ? this.cursor : found + raw.length;
  }

  private due(end: number): boolean {
    return this.marked < this.groups.length && this.groups[this.marked]!.end <= end;
  }

  private closeTo(end: number, into: Element): void {
    while (this.due(end)) {
      into.append(...(this.hooks?.marks(this.groups[this.marked]!) ?? []));
      this.marked += 1;
    }
  }
}

function hostOf(href: string): string {
  try {
    const url = new URL(href);
    return url.protocol === "http:" || url.protocol === "https:" ? url.host : "";
  } catch {
    return "";
  }
}
