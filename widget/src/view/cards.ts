// Source cards: which document, where in it, and the words. A card of a cited source says where the *quote* stands, not
// where the passage around it begins. What was not verified carries no mark and no colour of proof.

import type { Citation, Source } from "../core/events";
import type { Turn } from "../core/turn";
import { numbering } from "../core/turn";
import { fill } from "../languages/languages";
import { dotted, make } from "./dom";
import { opening, quoted } from "./excerpt";
import { placeOfCitation, placeOfSource, type Scene } from "./scene";

interface Where {
  readonly title: string;
  readonly uri: string;
  readonly page: number | null;
  readonly heading_path: readonly string[];
}

/** Page, headings (without the title again) and address. */
export function placeWords(scene: Scene, where: Where): Node[] {
  const headings = where.heading_path.filter((heading) => heading !== where.title);
  const page = where.page === null ? "" : fill(scene.tongue.strings.page, { n: where.page });
  return dotted([page, headings.join(" › "), where.uri === where.title ? "" : where.uri]);
}

/** The card of one quote. `n` is what the reader knows it by, null where it has no number. */
export function quoteCard(scene: Scene, citation: Citation, source: Source | undefined, n: number | null): HTMLElement {
  const { document, span } = citation;
  const where = { ...span, title: document.title, uri: document.uri };
  const open = () => scene.openDocument(placeOfCitation(citation, scene.chat.collection));
  return card(scene, where, quoted(citation, source), { n, doubtful: !citation.verified && n !== null, open });
}

/** The card of a passage that is not quoted. */
export function passageCard(scene: Scene, source: Source): HTMLElement {
  const open = () => scene.openDocument(placeOfSource(source, scene.chat.collection));
  return card(scene, source, opening(source.text), { n: null, doubtful: false, open });
}

interface Look {
  readonly n: number | null;
  readonly doubtful: boolean;
  readonly open: () => void;
}

function card(scene: Scene, where: Where, words: Node[], { n, doubtful, open }: Look): HTMLElement {
  const { strings } = scene.tongue;
  const title = where.title || where.uri;
  return make(
    "button",
    { type: "button", class: doubtful ? "card doubtful" : "card", part: "source", "data-n": n === null ? null : String(n), click: open },
    n === null ? "" : make("span", { class: "n", "aria-hidden": "true" }, doubtful ? `${n}?` : String(n)),
    make("span", { class: "name", dir: "auto" }, title, doubtful ? make("em", {}, ` (${strings.notVerified})`) : ""),
    make("span", { class: "place" }, ...placeWords(scene, where)),
    make("span", { class: "passage", dir: "auto" }, ...words),
  );
}

/** All sources of an answer: one card for each cited place, and behind a fold what was read besides. */
export function sourceList(scene: Scene, turn: Turn): HTMLElement[] {
  const { strings } = scene.tongue;
  const shown = numbering(turn.citations);
  const byNumber = new Map(turn.sources.map((source) => [source.n, source]));
  const cited = [...new Map(turn.citations.map((one) => [`${one.n}:${one.span.start}-${one.span.end}`, one])).values()].sort(
    (a, b) => shown.get(a.n)! - shown.get(b.n)! || a.span.start - b.span.start,
  );
  const parts: HTMLElement[] = [];
  if (cited.length) {
    const cards = cited.map((one) => quoteCard(scene, one, byNumber.get(one.n), shown.get(one.n)!));
    parts.push(section(strings.sources, cards));
  }
  const others = turn.finish && cited.length ? turn.sources.filter((source) => !shown.has(source.n)) : [];
  if (others.length) {
    const cards = others.map((source) => make("li", {}, passageCard(scene, source)));
    const more = make("summary", {}, fill(strings.otherPassages, { n: others.length }));
    parts.push(make("details", { class: "more" }, more, make("ul", { class: "cards" }, ...cards)));
  }
  return parts;
}

export function section(title: string, cards: readonly HTMLElement[]): HTMLElement {
  const items = cards.map((one) => make("li", {}, one));
  return make("div", { class: "sources", role: "group", "aria-label": title }, make("h3", {}, title), make("ul", { class: "cards" }, ...items));
}
