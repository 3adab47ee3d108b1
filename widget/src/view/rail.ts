// What the service's own page has besides the chat: conversations, search, the collection, upload, export, a key.
// Each part asks for its route first and stays away where the service (or the key) does not offer it.

import { Problem } from "../core/api";
import { type Slot, slot } from "../core/memory";
import type { Conversation, Source } from "../core/events";
import { counted, fill } from "../languages/languages";
import { passageCard } from "./cards";
import { download, exported } from "./copying";
import { iconButton, make } from "./dom";
import { keyForm } from "./keyform";
import type { Panel } from "./panel";

/** An upload as `GET /v1/jobs/{id}` tells it. */
interface Job {
  readonly id: string;
  readonly state: string;
  readonly files: readonly { readonly name: string; readonly status?: string | null; readonly reason?: string | null }[];
}

interface Served {
  readonly ready: boolean;
  readonly reason: string;
  readonly documents: number | null;
  readonly model: string;
}

const EXTRACTIVE = "extractive";
const CHOSEN = slot("model");

export class Rail {
  private readonly list = make("ul", { class: "conversations" });
  private readonly results = make("ul", { class: "cards results", hidden: true });
  private readonly words: HTMLInputElement;
  private readonly collections: HTMLSelectElement;
  private readonly models: HTMLSelectElement;
  private readonly admin: HTMLElement;
  private readonly upload: HTMLElement;
  private readonly uploads = make("ul", { class: "uploads", hidden: true });

  constructor(
    private readonly panel: Panel,
    private readonly key: Slot,
    toggleTheme: () => void,
  ) {
    const { strings } = panel.tongue;
    this.words = make("input", { type: "search", "aria-label": strings.searchLabel, placeholder: strings.searchLabel, maxlength: "1000", dir: "auto" }) as HTMLInputElement;
    const form = make("form", { class: "find", role: "search" }, this.words, iconButton("find", strings.search, { type: "submit" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.search(this.words.value);
    });
    this.collections = make("select", { "aria-label": strings.collection, hidden: true }) as HTMLSelectElement;
    this.collections.addEventListener("change", () => this.choose(this.collections.value));
    this.models = make("select", { "aria-label": strings.model, hidden: true }) as HTMLSelectElement;
    this.models.addEventListener("change", () => this.answerBy(this.models.value));
    this.upload = this.uploadField();
    this.admin = make("a", { class: "admin", href: "/admin", hidden: true }, strings.admin);
    panel.aside.append(form, this.results, this.collections, this.models, this.upload, this.uploads, make("h2", {}, strings.conversations), this.list, this.admin);
    panel.tools.append(
      iconButton("list", strings.conversations, { class: "icon only-narrow", "aria-expanded": "false", click: (event: MouseEvent) => this.toggle(event.currentTarget as HTMLElement) }),
      iconButton("down", strings.export, { click: () => download("conversation.md", exported(panel.chat.turns, strings)) }),
      iconButton("theme", strings.theme, { click: toggleTheme }),
    );
  }

  async begin(): Promise<void> {
    await Promise.all([this.showServed(), this.refresh(), this.showOffered()]);
  }

  /** The service's own description tells what it offers, and its word on the key what of it is not refused. */
  private async showOffered(): Promise<void> {
    const { api } = this.panel;
    const [{ paths }, { scopes }] = await Promise.all([
      api.json<{ paths: Record<string, object> }>("/openapi.json").catch(() => ({ paths: {} as Record<string, object> })),
      api.json<{ scopes: readonly string[] }>("/v1/me").catch(() => ({ scopes: [] as string[] })),
    ]);
    this.upload.hidden = !(scopes.includes("ingest") && "post" in (paths["/v1/documents"] ?? {}));
    this.admin.hidden = !(scopes.includes("admin") && "/v1/admin/usage" in paths);
    if ("/v1/models" in paths) await this.showCollections();
  }

  /** The conversations, most recently used first. */
  async refresh(): Promise<void> {
    const { panel } = this;
    const { strings } = panel.tongue;
    let found: readonly Conversation[];
    try {
      found = (await panel.api.json<{ conversations: Conversation[] }>("/v1/conversations?limit=30")).conversations;
    } catch (failure) {
      if (failure instanceof Problem && (failure.status === 401 || failure.status === 403)) this.askForKey(failure);
      found = [];
    }
    const items = found.filter((one) => one.message_count).map((one) => this.conversation(one));
    this.list.replaceChildren(...(items.length ? items : [make("li", { class: "none" }, strings.noConversations)]));
  }

  async search(words: string): Promise<void> {
    const { panel } = this;
    if (!words.trim()) {
      this.results.hidden = true;
      return;
    }
    this.words.value = words;
    panel.aside.classList.add("shown");
    const query = `q=${encodeURIComponent(words)}&top_k=8&explain=false${panel.chat.collection ? `&collection=${encodeURIComponent(panel.chat.collection)}` : ""}`;
    const found = await panel.api.json<{ passages: Source[] }>(`/v1/search?${query}`).catch(() => ({ passages: [] as Source[] }));
    const cards = found.passages.map((passage) => make("li", {}, passageCard(panel, passage)));
    this.results.replaceChildren(...(cards.length ? cards : [make("li", { class: "none" }, panel.tongue.strings.noResults)]));
    this.results.hidden = false;
    panel.say(cards.length ? counted(panel.tongue, panel.tongue.strings.saidSources, cards.length) : panel.tongue.strings.noResults);
    this.words.focus();
  }

  private conversation(one: Conversation): HTMLElement {
    const { panel } = this;
    const current = one.id === panel.chat.id;
    const open = make("button", { type: "button", class: "one", dir: "auto", "aria-current": current ? "true" : null, click: () => void this.open(one.id) }, one.title || "…");
    return make("li", {}, open, iconButton("close", `${panel.tongue.strings.remove}: ${one.title}`, { class: "icon small", click: () => void this.remove(one) }));
  }

  private async open(id: string): Promise<void> {
    this.panel.aside.classList.remove("shown");
    await this.panel.chat.open(id);
    await this.refresh();
  }

  private async remove(one: Conversation): Promise<void> {
    await this.panel.api.request(`/v1/conversations/${encodeURIComponent(one.id)}`, { method: "DELETE" }).catch(() => undefined);
    if (one.id === this.panel.chat.id) this.panel.startAnew();
    await this.refresh();
  }

  private async showServed(): Promise<void> {
    const { panel } = this;
    const { strings } = panel.tongue;
    try {
      const state = await this.served();
      panel.served.textContent = state.ready ? [state.documents === null ? "" : counted(panel.tongue, strings.documents, state.documents), state.model === "extractive" ? strings.extractive : state.model].filter(Boolean).join(" · ") : fill(strings.notReady, { reason: state.reason });
      panel.served.classList.toggle("bad", !state.ready);
      this.showModels(state.model);
    } catch {
      panel.served.textContent = strings.unreachable;
      panel.served.classList.add("bad");
    }
  }

  /** What the service says of itself, with the documents of the collection that is asked here. */
  private async served(): Promise<Served> {
    const { api, chat } = this.panel;
    const state = (await (await fetch(api.address("/health/ready"), { credentials: "omit" })).json()) as Served;
    if (!chat.collection) return { ...state, documents: state.documents ?? 0 };
    const only = `/v1/documents?limit=1&collection=${encodeURIComponent(chat.collection)}`;
    return api.json<{ total: number }>(only).then(
      ({ total }) => ({ ...state, ready: true, documents: total }),
      (failure: unknown) => (failure instanceof Problem && failure.status === 404 ? { ...state, ready: false, reason: failure.message } : { ...state, documents: null }),
    );
  }

  /** OpenAI's list of models names the collections that may be asked. */
  private async showCollections(): Promise<void> {
    const { chat, api } = this.panel;
    const found = await api.json<{ data: { id: string }[] }>("/v1/models").then((models) => models.data.map((one) => one.id), () => [] as string[]);
    if (found.length < 2 && (!chat.collection || found.includes(chat.collection))) return;
    const options = found.map((name) => make("option", { value: name, selected: name === chat.collection }, name));
    this.collections.replaceChildren(...(found.includes(chat.collection) ? [] : [make("option", { value: "" }, "—")]), ...options);
    this.collections.hidden = false;
  }

  /** The model that the service is set up with, or none: quotes alone. Nothing else may be chosen (see the API). */
  private showModels(model: string): void {
    if (!model || model === EXTRACTIVE) return this.answerBy("");
    const { strings } = this.panel.tongue;
    this.answerBy(CHOSEN.read());
    this.models.replaceChildren(...[["", model], [EXTRACTIVE, strings.extractive]].map(([value, name]) => make("option", { value: value!, selected: value === this.panel.chat.model }, name!)));
    this.models.hidden = false;
  }

  private answerBy(model: string): void {
    this.panel.chat.model = model;
    CHOSEN.write(model);
  }

  private choose(collection: string): void {
    const address = new URL(location.href);
    if (collection) address.searchParams.set("collection", collection);
    else address.searchParams.delete("collection");
    address.hash = "";
    location.assign(address);
  }

  private uploadField(): HTMLElement {
    const { strings } = this.panel.tongue;
    const input = make("input", { type: "file", multiple: true, class: "sr" }) as HTMLInputElement;
    input.addEventListener("change", () => void this.send([...(input.files ?? [])]));
    return make("label", { class: "act upload", hidden: true }, input, strings.upload);
  }

  /** Sends files; the list below the button says of each how it ended. */
  private async send(files: readonly File[]): Promise<void> {
    const { api, chat, tongue } = this.panel;
    const form = new FormData();
    for (const file of files) form.append("file", file);
    const within = chat.collection ? `?collection=${encodeURIComponent(chat.collection)}` : "";
    this.showUploads(files.map(({ name }) => [name, "…"]));
    try {
      let job = await api.json<Job>(`/v1/documents${within}`, { method: "POST", body: form });
      while (job.state === "queued" || job.state === "running") {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        job = await api.json<Job>(`/v1/jobs/${job.id}`);
      }
      this.showUploads(job.files.map((file) => [file.name, [file.status ?? job.state, file.reason].filter(Boolean).join(": ")]));
      await this.showServed();
    } catch (failure) {
      const why = failure instanceof Problem ? failure.message : tongue.strings.connectionLost;
      this.showUploads(files.map(({ name }) => [name, `${fill(tongue.strings.uploadFailed, { name })} ${why}`]));
    }
  }

  private showUploads(files: readonly (readonly [string, string])[]): void {
    this.uploads.hidden = false;
    this.uploads.replaceChildren(...files.map(([name, state]) => make("li", { dir: "auto" }, `${name}: ${state}`)));
    this.panel.say(files.map(([name, state]) => `${name}: ${state}`).join(". "));
  }

  /** A key that is not known, or does not reach as far as the chat, is asked for anew. */
  private askForKey(failure: Problem): void {
    const { aside, tongue } = this.panel;
    if (aside.querySelector(".key")) return;
    aside.prepend(keyForm(tongue.strings, this.key, this.key.read() ? failure.message : tongue.strings.keyNeeded, () => location.reload()));
    aside.classList.add("shown");
  }

  private toggle(button: HTMLElement): void {
    button.setAttribute("aria-expanded", String(this.panel.aside.classList.toggle("shown")));
  }
}
