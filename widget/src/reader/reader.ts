// The source viewer: the document with the cited words in sight, as text or as the pages of a PDF, and the way to the
// original file. Used in a dialog beside the chat and as the page /documents/{id}.

import type { Api } from "../core/api";
import { Problem } from "../core/api";
import { unitAt } from "../core/points";
import { fill, type Tongue } from "../languages/languages";
import { dotted, iconButton, make } from "../view/dom";
import type { Place } from "../view/scene";
import { type Block, BlockPainter } from "./blocks";
import { type Fetched, locate } from "./locate";
import { PageView } from "./pages";

const WINDOW = 40_000; // code points of a document shown on either side of a quote

export interface ReaderScene {
  readonly api: Api;
  readonly tongue: Tongue;
}

export class Reader {
  readonly title: HTMLElement;
  readonly node: HTMLElement;
  private readonly place = make("p", { class: "where" });
  private readonly note = make("p", { class: "note", hidden: true });
  private readonly body: HTMLElement;
  private readonly file: HTMLAnchorElement;
  private readonly views = make("div", { class: "views", role: "group", hidden: true });
  private opened = 0;

  constructor(
    private readonly scene: ReaderScene,
    close: (() => void) | null,
  ) {
    const { strings } = scene.tongue;
    this.title = make(close ? "h2" : "h1", { class: "name", tabindex: "-1", dir: "auto" });
    this.file = make("a", { class: "act", target: "_blank", rel: "noopener", hidden: true }, strings.file) as HTMLAnchorElement;
    this.file.addEventListener("click", (event) => void this.fetchFile(event));
    this.body = make("div", { class: "text", tabindex: "0", role: "region", "aria-label": strings.documentText });
    const bar = make("header", { class: "bar" }, make("div", { class: "names" }, this.title, this.place), this.views, this.file);
    if (close) bar.append(iconButton("close", strings.close, { click: close }));
    this.node = make("div", { class: "reader-inner", part: "reader" }, bar, this.note, this.body);
  }

  /** What failed, where something did: the reader has been told of it. */
  async open(place: Place): Promise<unknown> {
    const { strings } = this.scene.tongue;
    const turn = (this.opened += 1);
    this.title.textContent = strings.loading;
    this.place.textContent = "";
    this.tell("");
    this.body.replaceChildren();
    this.views.hidden = this.file.hidden = true;
    try {
      const [fetched, blocks] = await this.fetch(place);
      if (turn === this.opened) this.show(place, fetched, blocks);
    } catch (failure) {
      if (turn !== this.opened) return;
      this.title.textContent = strings.failedDocument;
      this.tell(failure instanceof Problem ? failure.message : strings.connectionLost);
      return failure;
    }
  }

  private async fetch(place: Place): Promise<[Fetched, Block[]]> {
    const from = Math.max(0, place.start - WINDOW);
    const span = `start=${from}&end=${place.end + WINDOW}`;
    const text = await this.scene.api.json<Fetched>(`${address(place)}/text?${span}${inCollection(place, "&")}`);
    const found = await this.scene.api.json<{ blocks: Block[] }>(`${address(place)}/blocks?${span}${inCollection(place, "&")}`).catch(() => ({ blocks: [] }));
    const units = unitsOf(text);
    return [text, found.blocks.map((block) => ({ ...block, start: units(block.start), end: units(block.end) })).filter((block) => block.end > block.start)];
  }

  private show(place: Place, fetched: Fetched, blocks: Block[]): void {
    const { strings } = this.scene.tongue;
    const at = locate(fetched, place.start, place.end, place.quote);
    const changed = !fetched.version.startsWith(place.version);
    if (changed) this.tell(!place.quote ? strings.moved : at.found ? strings.changed : strings.gone);
    const page = fetched.pages.filter((offset) => offset <= place.start).length;
    this.title.textContent = fetched.title || fetched.uri;
    this.place.replaceChildren(...dotted([page ? fill(strings.page, { n: page }) : "", fetched.uri]));
    this.file.href = this.scene.api.address(`${address(place)}/file${inCollection(place, "?")}${page ? `#page=${page}` : ""}`);
    this.file.hidden = false;
    const text = () => this.showText({ ...place, verified: place.verified && !(changed && !place.quote) }, fetched, blocks, at);
    const pdf = fetched.media_type === "application/pdf" && fetched.pages.length > 0;
    if (pdf && !changed) this.offerPages(place, fetched, Math.max(1, page), text);
    else text();
  }

  private showText(place: Place, fetched: Fetched, blocks: Block[], at: { from: number; to: number }): void {
    const { strings } = this.scene.tongue;
    const units = unitsOf(fetched);
    const pages = fetched.pages.map((offset, index) => ({ at: units(offset), number: index + 1, offset })).filter((one) => one.offset >= fetched.start && one.offset < fetched.end);
    const shown = { text: fetched.text, ...at, proof: place.verified, markdown: fetched.media_type === "text/markdown", pages, pageName: (n: number) => fill(strings.page, { n }) };
    const into = make("div", { class: "flow", dir: "auto" });
    if (fetched.start > 0) into.append(make("p", {}, "…"));
    new BlockPainter(shown, blocks).paint(into);
    if (fetched.end < fetched.length) into.append(make("p", {}, "…"));
    this.body.replaceChildren(into);
    into.querySelector("mark, .unproven")?.scrollIntoView({ block: "center" });
  }

  /** Pages first, where the service draws them; the text stays one click away, and is shown where it does not. */
  private offerPages(place: Place, fetched: Fetched, page: number, text: () => void): void {
    const { strings } = this.scene.tongue;
    const pages = () => {
      const view = new PageView(this.scene, place, fetched, address(place), inCollection(place, "&"));
      this.body.replaceChildren(view.node);
      return view.show(page);
    };
    const tab = (label: string, show: () => unknown) => {
      const button = make("button", { type: "button", class: "act" }, label);
      button.addEventListener("click", () => {
        for (const one of this.views.children) one.setAttribute("aria-pressed", String(one === button));
        void show();
      });
      return button;
    };
    const [first, second] = [tab(strings.asPages, pages), tab(strings.asText, text)];
    this.views.replaceChildren(first, second);
    first.setAttribute("aria-pressed", "true");
    second.setAttribute("aria-pressed", "false");
    void pages().then((drawn) => {
      this.views.hidden = !drawn;
      if (!drawn) text();
    });
  }

  /** The file behind a key or a token: a link alone would come without it. */
  private async fetchFile(event: Event): Promise<void> {
    if (!this.scene.api.guarded) return;
    event.preventDefault();
    const path = this.file.href.slice(this.scene.api.base.length).split("#")[0]!;
    const blob = await (await this.scene.api.request(path)).blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = this.title.textContent ?? "";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  tell(text: string): void {
    this.note.textContent = text;
    this.note.hidden = !text;
  }
}

const address = (place: Place) => `/v1/documents/${encodeURIComponent(place.document)}`;
const inCollection = (place: Place, sign: "?" | "&") => (place.collection ? `${sign}collection=${encodeURIComponent(place.collection)}` : "");

/** From code points of the document to units of the text that was fetched. */
function unitsOf(fetched: Fetched): (point: number) => number {
  const inside = (point: number) => Math.min(Math.max(0, point - fetched.start), fetched.end - fetched.start);
  if (!/[\ud800-\udbff]/.test(fetched.text)) return inside;
  const table = new Uint32Array(fetched.end - fetched.start + 1);
  let unit = 0;
  let point = 0;
  for (const character of fetched.text) {
    table[point++] = unit;
    unit += character.length;
  }
  table[point] = unit;
  return (wanted) => table[inside(wanted)] ?? unitAt(fetched.text, inside(wanted));
}
