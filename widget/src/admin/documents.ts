// The documents of the collection: how each of them is and why, found by words and state, page by page; and deleted.

import { counted, fill } from "../languages/languages";
import { iconButton, make } from "../view/dom";
import { type Desk, Fetched, number, query, type Section, wordsOf } from "./desk";
import { table } from "./table";

interface Administered {
  readonly id: string | null;
  readonly key: string;
  readonly uri: string;
  readonly title: string;
  readonly state: "indexed" | "empty" | "failed";
  readonly reason: string;
  readonly pages: number | null;
  readonly language: string;
  readonly length: number;
  readonly acl: readonly string[];
  readonly added_generation: number | null;
}

type Behind = { readonly after: string; readonly after_id: string };

interface Page {
  readonly documents: readonly Administered[];
  readonly next: Behind | null;
  readonly total: number;
  readonly failed: number;
}

const ROUTE = "/v1/documents/{document_id}";
const START: Behind = { after: "", after_id: "" };

export class Documents implements Section {
  readonly node: HTMLElement;
  private readonly list: Fetched;
  private readonly words: HTMLInputElement;
  private readonly state: HTMLSelectElement;
  private pages: Behind[] = [START];

  constructor(private readonly desk: Desk) {
    const { strings } = desk;
    this.list = new Fetched(desk);
    this.words = make("input", { type: "search", "aria-label": strings.searchDocuments, placeholder: strings.searchDocuments, maxlength: "200", dir: "auto" }) as HTMLInputElement;
    const states = { "": strings.all, indexed: strings.indexed, empty: strings.empty, failed: strings.unreadable };
    this.state = make("select", { "aria-label": strings.state }, ...Object.entries(states).map(([value, name]) => make("option", { value }, name))) as HTMLSelectElement;
    const form = make("form", { class: "filters", role: "search" }, this.words, this.state, iconButton("find", strings.search, { type: "submit" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.begin();
    });
    this.state.addEventListener("change", () => this.begin());
    this.node = make("div", { class: "section" }, form, this.list.node);
  }

  load(): Promise<void> {
    const { desk } = this;
    const place = this.pages.at(-1)!;
    const address = query(desk, "/v1/admin/documents", { ...place, q: this.words.value.trim(), state: this.state.value });
    return this.list.show(async () => this.drawn(await desk.api.json<Page>(address)));
  }

  private begin(): void {
    this.pages = [START];
    void this.load();
  }

  private drawn(page: Page): Node[] {
    const { desk } = this;
    const { strings } = desk;
    const failed = page.failed ? counted(desk, strings.countFailed, page.failed) : "";
    const sums = make("p", { class: "quiet" }, [counted(desk, strings.countDocuments, page.total), failed].filter(Boolean).join(" · "));
    if (!page.documents.length) return [sums, make("p", { class: "none" }, strings.noDocuments), this.steps(page)];
    const columns = [{ title: strings.name, kind: "row" }, { title: strings.state }, { title: strings.pages, kind: "number" }, { title: strings.language, kind: "wide" }, { title: strings.length, kind: "wide" }, { title: strings.tags, kind: "wide" }, { title: strings.added, kind: "wide" }] as const;
    const removable = desk.offers("delete", ROUTE);
    const rows = page.documents.map((one) => [...this.cells(one), ...(removable ? [one.id === null ? "" : this.remover(one)] : [])]);
    return [sums, table(strings.documents, removable ? [...columns, { title: strings.actions, kind: "action" }] : columns, rows), this.steps(page)];
  }

  private cells(one: Administered) {
    const { desk } = this;
    const { strings } = desk;
    const title = one.title || one.key;
    const hash = desk.collection ? `#collection=${encodeURIComponent(desk.collection)}` : "";
    const name = one.id === null ? make("span", { dir: "auto" }, title) : make("a", { href: `/documents/${encodeURIComponent(one.id)}${hash}`, dir: "auto" }, title);
    const path = make("span", { class: "path", dir: "auto" }, one.uri === title ? "" : one.uri);
    const words = one.state === "indexed" ? strings.indexed : one.state === "empty" ? strings.empty : one.id === null ? strings.unreadable : strings.stale;
    const state = [make("span", { class: `badge ${one.state}` }, words), ...(one.reason ? [make("span", { class: "path", dir: "auto" }, one.reason)] : [])];
    return [[name, path], state, one.pages === null ? "–" : number(desk, one.pages), one.language || "–", one.id === null ? "–" : number(desk, one.length), one.acl.join(", ") || strings.everybody, one.added_generation === null ? "–" : number(desk, one.added_generation)];
  }

  private remover(one: Administered): HTMLElement {
    const label = `${this.desk.strings.remove}: ${one.title || one.key}`;
    return iconButton("close", label, { click: () => void this.remove(one) });
  }

  private async remove(one: Administered): Promise<void> {
    const { desk } = this;
    const { strings } = desk;
    const asked = `${fill(strings.removeWhat, { name: one.title || one.key })} ${strings.back}`;
    if (!(await desk.confirm(asked, strings.remove))) return;
    try {
      const address = query(desk, `/v1/documents/${encodeURIComponent(one.id!)}`, { whole_file: "true" });
      const { removed } = await desk.api.json<{ removed: readonly string[] }>(address, { method: "DELETE" });
      desk.say(counted(desk, strings.removed, removed.length));
    } catch (failure) {
      desk.say(wordsOf(desk, failure));
    }
    await this.load();
    this.words.focus();
  }

  private steps(page: Page): HTMLElement {
    const { strings } = this.desk;
    const step = (label: string, change: () => void) => {
      const go = () => {
        change();
        void this.load().then(() => this.node.scrollIntoView({ block: "start" }));
      };
      return make("button", { type: "button", class: "act", click: go }, label);
    };
    const parts: HTMLElement[] = [];
    if (this.pages.length > 1) parts.push(step(strings.previous, () => this.pages.pop()));
    if (page.next) parts.push(step(strings.next, () => this.pages.push(page.next!)));
    return make("p", { class: "steps" }, ...parts);
  }
}
