// <ragchat-admin>: the page /admin. Its sections are addresses (/admin#usage); the key is kept as long as the tab, and
// goes nowhere but into the header of requests.

import { Api, Problem } from "../core/api";
import { slot } from "../core/memory";
import type { AdminStrings } from "../languages/admin/en";
import { icon, iconButton, make } from "../view/dom";
import { Feedback, Gaps } from "./asked";
import type { Desk, Section } from "./desk";
import { Documents } from "./documents";
import { Generations } from "./generations";
import { Sources } from "./sources";
import { Usage } from "./usage";

const SECTIONS = { documents: Documents, sources: Sources, generations: Generations, gaps: Gaps, feedback: Feedback, usage: Usage } as const;
type Name = keyof typeof SECTIONS;
const NAMES = Object.keys(SECTIONS) as Name[];

export interface Spoken {
  readonly code: string;
  /** The reader's own variety of the language, which writes dates and numbers. */
  readonly locale: string;
  readonly direction: "ltr" | "rtl";
  readonly strings: AdminStrings;
}

const key = slot("key", true);
const theme = slot("theme");

export class Page implements Desk {
  readonly node: HTMLElement;
  readonly api = new Api(location.origin, { site: "", key: () => key.read(), session: slot("session") });
  readonly code: string;
  readonly strings: AdminStrings;
  collection = new URLSearchParams(location.search).get("collection") ?? "";
  private paths: Readonly<Record<string, object>> = {};
  private readonly tabs = make("ul", { class: "tabs" });
  private readonly heading = make("h2", { tabindex: "-1" });
  private readonly body = make("div", { class: "content" });
  private readonly collections: HTMLSelectElement;
  private readonly forget: HTMLButtonElement;
  private readonly said = make("p", { class: "sr", role: "status", "aria-live": "polite" });
  private readonly toast = make("p", { class: "toast", "aria-hidden": "true", hidden: true });
  private readonly dialog = make("dialog", { class: "confirm" }) as HTMLDialogElement;
  private toasting = 0;

  constructor(spoken: Spoken) {
    const { strings } = spoken;
    this.code = spoken.locale;
    this.strings = strings;
    this.collections = make("select", { "aria-label": strings.collection, hidden: true }) as HTMLSelectElement;
    this.collections.addEventListener("change", () => this.choose(this.collections.value));
    this.forget = iconButton("close", strings.leave, { hidden: true, click: () => this.leave() });
    const nav = make("nav", { "aria-label": strings.sections }, this.tabs);
    const names = make("div", { class: "names" }, make("h1", {}, make("a", { class: "brand", href: "/admin" }, icon("list"), strings.title)));
    const bar = make("header", { class: "bar" }, names, this.collections, make("a", { class: "act", href: "/" }, strings.chat), iconButton("theme", strings.theme, { click: () => this.turnTheme() }), this.forget);
    this.node = make("div", { class: "root admin", "data-mode": "page", "data-theme": theme.read() || "auto", lang: spoken.code, dir: spoken.direction }, bar, nav, make("main", {}, this.heading, this.body), this.said, this.toast, this.dialog);
    addEventListener("hashchange", () => void this.go(true));
    addEventListener("unhandledrejection", (event) => this.refused(event.reason) && event.preventDefault());
  }

  async begin(): Promise<void> {
    try {
      await this.showCollections();
      this.forget.hidden = !key.read();
      this.paths = (await this.api.json<{ paths: Readonly<Record<string, object>> }>("/openapi.json")).paths;
      await this.go(false);
    } catch (failure) {
      if (!this.refused(failure)) this.broken(failure);
    }
  }

  offers(method: "get" | "post" | "delete", path: string): boolean {
    return method in (this.paths[path] ?? {});
  }

  say(text: string): void {
    this.said.textContent = this.toast.textContent = text;
    this.toast.hidden = !text;
    clearTimeout(this.toasting);
    this.toasting = window.setTimeout(() => (this.toast.hidden = true), 6000);
  }

  confirm(question: string, yes: string): Promise<boolean> {
    const { strings } = this;
    return new Promise((resolve) => {
      const words = make("p", { id: "asked", dir: "auto" }, question);
      const no = make("button", { type: "button", class: "act", click: () => this.dialog.close() }, strings.cancel);
      const agree = make("button", { type: "button", class: "act strong", click: () => this.dialog.close("yes") }, yes);
      this.dialog.setAttribute("aria-labelledby", "asked");
      this.dialog.returnValue = "";
      this.dialog.replaceChildren(words, make("p", { class: "next" }, no, agree));
      this.dialog.addEventListener("close", () => resolve(this.dialog.returnValue === "yes"), { once: true });
      this.dialog.showModal();
      no.focus();
    });
  }

  /** Shows the section that the address names. */
  private async go(moved: boolean): Promise<void> {
    const wanted = location.hash.slice(1);
    const name = NAMES.find((one) => one === wanted) ?? "documents";
    this.tabs.replaceChildren(...NAMES.map((one) => make("li", {}, make("a", { href: `#${one}`, "aria-current": one === name ? "page" : null }, this.strings[one]))));
    this.tabs.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    this.heading.textContent = this.strings[name];
    document.title = `${this.strings[name]} – ${this.strings.title}`;
    const section: Section = new SECTIONS[name](this);
    this.body.replaceChildren(section.node);
    if (moved) this.heading.focus();
    await section.load();
  }

  private async showCollections(): Promise<void> {
    const { collections } = await this.api.json<{ collections: readonly { collection: string }[] }>("/v1/admin/collections");
    const names = collections.map((one) => one.collection);
    if (names.length < 2) return;
    const own = names.includes(this.collection) ? [] : [make("option", { value: "" }, "—")];
    this.collections.replaceChildren(...own, ...names.map((name) => make("option", { value: name, selected: name === this.collection }, name)));
    this.collections.hidden = false;
  }

  private choose(collection: string): void {
    const address = new URL(location.href);
    if (collection) address.searchParams.set("collection", collection);
    else address.searchParams.delete("collection");
    location.assign(address);
  }

  /** Asks for a key where one is missing or does not reach far enough; false for any other failure. */
  private refused(failure: unknown): boolean {
    if (!(failure instanceof Problem) || (failure.status !== 401 && failure.status !== 403)) return false;
    const { strings } = this;
    const box = make("input", { type: "password", "aria-label": strings.key, autocomplete: "off", required: true }) as HTMLInputElement;
    const why = failure.status === 403 ? strings.keyTooShort : key.read() ? failure.message : strings.keyNeeded;
    const form = make("form", { class: "key" }, make("p", { role: "alert" }, why), make("p", { class: "quiet" }, strings.keyHow), make("div", { class: "filters" }, box, make("button", { type: "submit", class: "act strong" }, strings.enter)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      key.write(box.value.trim());
      void this.begin();
    });
    this.tabs.replaceChildren();
    this.heading.textContent = strings.key;
    this.body.replaceChildren(form);
    box.focus();
    return true;
  }

  private broken(failure: unknown): void {
    const { strings } = this;
    const words = failure instanceof Problem ? [failure.message, failure.hint].join(" ") : strings.lost;
    const again = make("button", { type: "button", class: "act", click: () => void this.begin() }, strings.again);
    this.heading.textContent = strings.failed;
    this.body.replaceChildren(make("div", { class: "notice error", role: "alert" }, make("p", {}, words), make("p", { class: "next" }, again)));
  }

  private leave(): void {
    key.write("");
    location.reload();
  }

  private turnTheme(): void {
    const shown = this.node.dataset["theme"];
    const dark = shown === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : shown === "dark";
    this.node.dataset["theme"] = dark ? "light" : "dark";
    theme.write(this.node.dataset["theme"]);
  }
}
