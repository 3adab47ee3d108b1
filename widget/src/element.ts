// <ragchat-widget>: the custom element around the chat. What it is told by attributes (with or without `data-`) or
// properties takes effect at once. All it draws is in a shadow root, styled by adopted sheets, so that neither a strict
// content security policy nor the page's own CSS has a say in it.

import { Api } from "./core/api";
import { Chat } from "./core/conversation";
import { type Slot, slot } from "./core/memory";
import type { Strings } from "./languages/en";
import { chosen, load, spoken, type Tongue, tongue } from "./languages/languages";
import { sheets } from "./styles/sheets";
import { iconButton, make } from "./view/dom";
import { Panel } from "./view/panel";

const OPTIONS = ["site", "server", "collection", "title", "greeting", "examples", "placeholder", "position", "theme", "language", "strings", "disclaimer", "support", "open", "mode"] as const;
type Option = (typeof OPTIONS)[number];
const LOOKS: ReadonlySet<string> = new Set(["theme", "position"]);

/** Where this script came from is where the service is. */
const HOME = document.currentScript instanceof HTMLScriptElement ? new URL(document.currentScript.src).origin : location.origin;

/** What the service's own page puts beside the chat. */
export interface Besides {
  refresh(): Promise<void>;
  search(words: string): Promise<void>;
}

export class RagchatWidget extends HTMLElement {
  /** Set by the page: the widget alone does without. */
  static furnish: ((panel: Panel, root: HTMLElement) => Besides) | null = null;
  static readonly observedAttributes = OPTIONS.flatMap((name) => [name, `data-${name}`]);

  private readonly root = make("div", { class: "root" });
  private chat: Chat | null = null;
  private panel: Panel | null = null;
  private besides: Besides | null = null;
  private launcher: HTMLElement | null = null;
  private building = false;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = sheets();
    shadow.append(this.root);
    for (const name of OPTIONS) this.property(name);
  }

  connectedCallback(): void {
    this.build();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.root.firstChild || before === now) return; // not built yet: it is told by then
    const option = name.replace(/^data-/, "");
    if (LOOKS.has(option)) this.dress();
    else if (option === "open") this.option("open") === "false" ? this.hide() : this.show();
    else this.rebuild(option === "collection" || option === "server" || option === "site");
  }

  show(): void {
    if (this.shape !== "float" || this.panel) return;
    this.root.append(this.furnish().node);
    this.root.dataset["open"] = "true";
    this.launcher?.setAttribute("aria-expanded", "true");
    void this.panel!.begin();
    this.panel!.composer.box.focus();
  }

  hide(): void {
    if (this.shape !== "float" || !this.panel) return;
    this.panel.node.remove();
    this.panel = null;
    if (this.chat) this.chat.listener = null;
    delete this.root.dataset["open"];
    this.launcher?.setAttribute("aria-expanded", "false");
    this.launcher?.focus();
  }

  ask(question: string): void {
    this.show();
    this.panel?.ask(question);
  }

  private option(name: Option): string {
    return this.getAttribute(name) ?? this.getAttribute(`data-${name}`) ?? "";
  }

  private get shape(): "float" | "inline" | "page" {
    const mode = this.option("mode");
    return mode === "inline" || mode === "page" ? mode : "float";
  }

  private get tongue(): Tongue {
    return tongue(this.spokenHere, this.own());
  }

  private get spokenHere(): string {
    const around = this.shape === "page" ? null : this.closest("[lang]")?.getAttribute("lang");
    return chosen([this.option("language"), around, ...navigator.languages]);
  }

  private own(): Partial<Strings> {
    try {
      return JSON.parse(this.option("strings") || "{}") as Partial<Strings>;
    } catch {
      return {};
    }
  }

  /** A page may change several attributes in a row: it is built anew once. */
  private rebuild(another: boolean): void {
    if (another) {
      this.chat?.running?.abort.abort();
      this.chat = null;
    }
    if (this.building) return;
    this.building = true;
    queueMicrotask(() => {
      this.building = false;
      if (this.isConnected) this.build();
    });
  }

  private build(): void {
    if (!spoken(this.spokenHere)) {
      void load(HOME, this.spokenHere).then(() => this.isConnected && this.build());
      return;
    }
    const wasOpen = this.panel !== null && this.root.dataset["open"] === "true";
    this.panel = null;
    this.dress();
    const { strings } = this.tongue;
    if (this.shape === "float") {
      this.launcher = iconButton("chat", strings.open, { class: "icon launcher", part: "launcher", "aria-expanded": "false", click: () => (this.panel ? this.hide() : this.show()) });
      this.root.replaceChildren(this.launcher);
      delete this.root.dataset["open"];
      if (wasOpen || (this.option("open") !== "false" && (this.hasAttribute("open") || this.hasAttribute("data-open")))) this.show();
      return;
    }
    this.root.replaceChildren(this.furnish().node);
    void this.panel!.begin().then(() => this.arrive());
  }

  private dress(): void {
    const { code, direction } = this.tongue;
    const set = { mode: this.shape, theme: this.option("theme") || "auto", position: this.option("position") || "right" };
    Object.assign(this.root.dataset, set);
    this.dataset["shape"] = this.shape;
    this.root.lang = code;
    this.root.dir = direction;
    if (this.shape === "page") document.documentElement.lang = code;
  }

  private furnish(): Panel {
    const chat = (this.chat ??= this.newChat());
    const look = {
      mode: this.shape,
      title: this.option("title"),
      greeting: this.option("greeting"),
      examples: examplesOf(this.option("examples")),
      placeholder: this.option("placeholder"),
      disclaimer: this.option("disclaimer"),
      support: this.option("support"),
    };
    const outside = {
      emit: (name: string, detail: unknown) => {
        this.dispatchEvent(new CustomEvent(`ragchat:${name}`, { bubbles: true, composed: true, detail }));
        void this.besides?.refresh();
      },
      close: () => this.hide(),
      search: (words: string) => void this.besides?.search(words),
    };
    this.panel = new Panel(chat.api, chat, this.tongue, look, outside);
    if (this.shape === "page") this.besides = RagchatWidget.furnish?.(this.panel, this.root) ?? null;
    return this.panel;
  }

  /** `/#answer=<conversation>/<message>` shows one answer; keyboards begin in the box. */
  private async arrive(): Promise<void> {
    if (this.shape !== "page" || !this.panel) return;
    const shared = /^#answer=([^/]+)\/(.+)$/.exec(location.hash);
    if (shared && (await this.chat!.open(decodeURIComponent(shared[1]!)))) this.panel.showAnswer(decodeURIComponent(shared[2]!));
    else if (shared) this.panel.say(this.tongue.strings.noAnswer);
    else if (matchMedia("(hover: hover)").matches) this.panel.composer.box.focus();
  }

  private newChat(): Chat {
    const server = this.option("server") || HOME;
    const site = this.option("site") || (server === location.origin ? "" : "default");
    const place = [this.shape, server === location.origin ? "" : server, site, this.option("collection"), this.id].join("|");
    const key: Slot = this.shape === "page" ? pageKey : { read: () => "", write: () => undefined };
    const access = { site, key: () => key.read(), session: slot(`session.${server}.${site}`) };
    const chat = new Chat(new Api(server, access), slot(`conversation.${place}`));
    chat.collection = this.option("collection");
    return chat;
  }

  /** A property for each attribute; a value that was set before the element was defined is taken over. */
  private property(name: Option): void {
    const early = Object.hasOwn(this, name) ? (this as unknown as Record<string, unknown>)[name] : undefined;
    Object.defineProperty(this, name, {
      configurable: true,
      get: () => this.option(name),
      set: (value: unknown) => {
        const attribute = this.hasAttribute(name) ? name : `data-${name}`;
        if (value === null || value === undefined || value === false) this.removeAttribute(attribute);
        else this.setAttribute(attribute, typeof value === "object" ? JSON.stringify(value) : String(value));
      },
    });
    if (early !== undefined) queueMicrotask(() => ((this as unknown as Record<string, unknown>)[name] = early));
  }
}

/** The key that was typed into the service's own page: kept as long as the tab. */
export const pageKey = slot("key", true);

/** A list in JSON, or questions with `|` between them. */
function examplesOf(text: string): string[] {
  try {
    const found: unknown = JSON.parse(text);
    if (Array.isArray(found)) return found.map(String);
  } catch {
    // not JSON: a plain list
  }
  return text.split("|").map((one) => one.trim()).filter(Boolean);
}
