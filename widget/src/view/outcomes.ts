// What is said about an answer that is not simply an answer: why, and what to do next.

import type { Turn } from "../core/turn";
import type { Strings } from "../languages/en";
import { fill } from "../languages/languages";
import { make } from "./dom";
import type { Scene } from "./scene";

interface Told {
  readonly title: string;
  readonly body: readonly string[];
  readonly next: readonly HTMLElement[];
}

/** The notice of a turn, null where none is needed. */
export function notice(scene: Scene, turn: Turn): HTMLElement | null {
  const told = tell(scene, turn);
  if (!told) return null;
  const body = told.body.filter(Boolean).map((line) => make("p", { dir: "auto" }, line));
  const box = make("div", { class: `notice ${turn.outcome}`, part: "notice", role: turn.outcome === "error" ? "alert" : null });
  box.append(make("h3", {}, told.title), ...body);
  if (told.next.length) box.append(make("p", { class: "next" }, ...told.next));
  return box;
}

function tell(scene: Scene, turn: Turn): Told | null {
  const { strings } = scene.tongue;
  const again = button(strings.again, () => scene.ask(turn.question), true);
  const rephrase = button(strings.rephrase, () => scene.edit(turn.question), true);
  switch (turn.outcome) {
    case "live":
    case "answered":
      return null;
    case "stopped":
      return { title: strings.stoppedTitle, body: [strings.stoppedBody], next: [again] };
    case "incomplete":
      return { title: strings.incompleteTitle, body: [strings.incompleteBody], next: [again] };
    case "error":
      return { title: strings.errorTitle, body: failed(strings, turn), next: [again, ...support(scene)] };
    case "blocked":
      return { title: strings.blockedTitle, body: [turn.refusal?.message ?? turn.text, turn.refusal?.next ?? ""], next: [rephrase, ...support(scene)] };
    case "nearest":
      return { title: strings.nearestTitle, body: [turn.refusal!.message || strings.nearestBody, ...missing(strings, turn)], next: [rephrase, ...search(scene, turn), ...support(scene)] };
    case "refused":
      return { title: refusedTitle(strings, turn), body: [turn.refusal?.message ?? turn.text, ...missing(strings, turn)], next: [rephrase, ...search(scene, turn), ...support(scene)] };
  }
}

function refusedTitle(strings: Strings, turn: Turn): string {
  switch (turn.refusal?.reason) {
    case "ambiguous":
      return strings.ambiguousTitle;
    case "aggregate":
      return strings.aggregateTitle;
    case "blocked":
      return strings.blockedTitle;
    default:
      return strings.refusedTitle;
  }
}

function missing(strings: Strings, turn: Turn): string[] {
  const { missing: all = [], next = "", message = "" } = turn.refusal ?? {};
  const words = all.filter((word) => !message.includes(word)); // a message may name them itself
  return [words.length ? fill(strings.missing, { words: words.join(", ") }) : "", next];
}

function failed(strings: Strings, turn: Turn): string[] {
  const { code, message, hint } = turn.failure!;
  if (code === "connection_lost") return [strings.connectionLost];
  if (code === "unauthorized") return [message]; // what to send is for programs; the page has a field for it
  return [[message || strings.serverError, hint].filter(Boolean).join(" "), code];
}

function search(scene: Scene, turn: Turn): HTMLElement[] {
  return scene.own ? [button(scene.tongue.strings.searchFor, () => scene.search(turn.question))] : [];
}

/** The way to a person: a link that the page that embeds the widget has named. */
function support(scene: Scene): HTMLElement[] {
  const named = scene.support.trim();
  if (!named) return [];
  const mail = /^[^@\s/:]+@[^@\s/:]+$/.test(named);
  const href = mail ? `mailto:${named}` : named;
  if (!/^(https?:|mailto:|tel:)/i.test(href)) return [];
  return [make("a", { class: "act", part: "support", href, target: mail ? null : "_blank", rel: "noopener" }, scene.tongue.strings.support)];
}

const button = (label: string, click: () => void, strong = false) => make("button", { type: "button", class: strong ? "act strong" : "act", click }, label);
