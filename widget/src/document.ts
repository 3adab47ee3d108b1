// <ragchat-document>: the page /documents/{id}#start=…&end=…&collection=…, the source viewer by itself.

import { Api, Problem } from "./core/api";
import { slot } from "./core/memory";
import { pageKey } from "./element";
import { chosen, tongue } from "./languages/languages";
import { Reader } from "./reader/reader";
import page from "./styles/page.css?inline";
import { sheetOf, sheets } from "./styles/sheets";
import { icon, make } from "./view/dom";
import { keyForm } from "./view/keyform";

export class RagchatDocument extends HTMLElement {
  private readonly main = make("main", { class: "lone" });

  connectedCallback(): void {
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [...sheets(), sheetOf(page)];
    const spoken = tongue(chosen(navigator.languages));
    document.documentElement.lang = spoken.code;
    const api = new Api(location.origin, { site: "", key: () => pageKey.read(), session: slot("session") });
    const reader = new Reader({ api, tongue: spoken }, null);
    const home = make("a", { class: "brand home", href: "/" }, icon("chat"), spoken.strings.title);
    this.main.append(home, reader.node);
    shadow.append(make("div", { class: "root", "data-mode": "page", "data-theme": slot("theme").read() || "auto", lang: spoken.code, dir: spoken.direction }, this.main));
    void this.open(reader);
    addEventListener("hashchange", () => void this.open(reader));
  }

  private async open(reader: Reader): Promise<void> {
    const id = /^\/documents\/([^/]+)$/.exec(location.pathname)?.[1] ?? "";
    const told = new URLSearchParams([...new URLSearchParams(location.search), ...new URLSearchParams(location.hash.slice(1))]);
    const number = (name: string) => Math.max(0, Number(told.get(name)) || 0);
    const failure = await reader.open({ document: decodeURIComponent(id), start: number("start"), end: number("end"), page: null, quote: "", version: told.get("version") ?? "", verified: told.get("unverified") === null, collection: told.get("collection") ?? "" });
    document.title = reader.title.textContent ?? "";
    this.main.querySelector(".key")?.remove();
    if (failure instanceof Problem && (failure.status === 401 || failure.status === 403)) this.askForKey(reader, failure);
  }

  /** Whoever follows a link to a citation may have no key yet, or one that does not reach so far. */
  private askForKey(reader: Reader, failure: Problem): void {
    const { strings } = tongue(chosen(navigator.languages));
    const form = keyForm(strings, pageKey, pageKey.read() ? failure.message : strings.keyNeeded, () => void this.open(reader));
    reader.tell("");
    reader.node.before(form);
    form.querySelector("input")!.focus();
  }
}
