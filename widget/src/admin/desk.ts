// What every section of the admin page is given: the service, the words, the collection, and how to tell and to ask.

import { type Api, Problem } from "../core/api";
import type { AdminStrings } from "../languages/admin/en";
import { make } from "../view/dom";

export interface Desk {
  readonly api: Api;
  readonly code: string;
  readonly strings: AdminStrings;
  /** The collection that is looked at; empty for the server's own. */
  readonly collection: string;
  /** Whether the service has this route, as its own description says. */
  offers(method: "get" | "post" | "delete", path: string): boolean;
  /** Tells it to everybody: to the eye for a while, and to those who listen. */
  say(text: string): void;
  /** Asks before something is taken away; the focus comes back afterwards. */
  confirm(question: string, yes: string): Promise<boolean>;
}

export interface Section {
  readonly node: HTMLElement;
  load(): Promise<void>;
}

/** `path` with the collection and whatever of `values` is not empty. */
export function query(desk: Desk, path: string, values: Readonly<Record<string, string>> = {}): string {
  const told = new URLSearchParams(Object.entries({ collection: desk.collection, ...values }).filter(([, value]) => value));
  return told.size ? `${path}?${told}` : path;
}

/** What went wrong, in the service's own words. */
export function wordsOf(desk: Desk, failure: unknown): string {
  if (failure instanceof Problem) return [failure.message || failure.code, failure.hint].filter(Boolean).join(" ");
  if (failure instanceof TypeError) return desk.strings.lost;
  throw failure;
}

/** A part of a section that is fetched: says that it loads, shows what came, or why nothing did and how to try again. */
export class Fetched {
  readonly node = make("div", { class: "fetched", "aria-live": "polite" });
  private turn = 0;

  constructor(private readonly desk: Desk) {}

  /** Only the newest call is shown, whichever ends last. */
  async show(fetch: () => Promise<(Node | string)[]>): Promise<void> {
    const { strings } = this.desk;
    const turn = (this.turn += 1);
    this.node.setAttribute("aria-busy", "true");
    if (!this.node.hasChildNodes()) this.node.replaceChildren(make("p", { class: "quiet" }, strings.loading));
    try {
      const parts = await fetch();
      if (turn === this.turn) this.node.replaceChildren(...parts);
    } catch (failure) {
      if (failure instanceof Problem && (failure.status === 401 || failure.status === 403)) throw failure;
      if (turn !== this.turn) return;
      const again = make("button", { type: "button", class: "act", click: () => void this.show(fetch) }, strings.again);
      this.node.replaceChildren(make("div", { class: "notice error", role: "alert" }, make("h3", {}, strings.failed), make("p", {}, wordsOf(this.desk, failure)), make("p", { class: "next" }, again)));
    } finally {
      if (turn === this.turn) this.node.removeAttribute("aria-busy");
    }
  }
}

/** One of `key=words|key=words`; the key itself where there is none. */
export function named(text: string, key: string): string {
  return text.split("|").find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1) ?? key;
}

export const number = (desk: Desk, value: number) => new Intl.NumberFormat(desk.code).format(value);

export function moment(desk: Desk, iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : new Intl.DateTimeFormat(desk.code, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

export function bytes(desk: Desk, value: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const digits = power && value / 1000 ** power < 10 ? 1 : 0;
  return new Intl.NumberFormat(desk.code, { style: "unit", unit: units[power]!, unitDisplay: "short", maximumFractionDigits: digits }).format(value / 1000 ** power);
}
