// Citation marks in an answer: the number behind the sentence, and the card that hovering, focus or a tap brings up.

import type { Citation } from "../core/events";
import { numbering, type Turn } from "../core/turn";
import { fill } from "../languages/languages";
import type { Group } from "../markdown/cites";
import type { Hooks } from "../markdown/draw";
import { quoteCard } from "./cards";
import { make } from "./dom";
import type { Scene } from "./scene";

export class Marks implements Hooks {
  constructor(
    private readonly scene: Scene,
    private readonly turn: Turn,
    private readonly bubble: Bubble,
  ) {}

  marks(group: Group): Node[] {
    return group.citations.map((citation) => this.mark(citation));
  }

  stretch(groups: readonly Group[], text: string): Node {
    const numbers = groups.flatMap((group) => group.citations.map((one) => this.number(one)));
    const verified = groups.some((group) => group.verified);
    return make("span", { class: verified ? "cited" : "cited doubtful", "data-cites": [...new Set(numbers)].join(" ") }, text);
  }

  private number(citation: Citation): number {
    return numbering(this.turn.citations).get(citation.n) ?? citation.n;
  }

  private mark(citation: Citation): Node {
    const { strings } = this.scene.tongue;
    const n = this.number(citation);
    const label = fill(strings.source, { n, title: citation.document.title }) + (citation.verified ? "" : `, ${strings.notVerified}`);
    const card = () => {
      const drawn = quoteCard(this.scene, citation, this.turn.sources.find((one) => one.n === citation.n), n);
      drawn.append(make("span", { class: "open" }, strings.openDocument));
      return drawn;
    };
    const button = make(
      "button",
      { type: "button", class: citation.verified ? "ref" : "ref doubtful", part: "citation", "aria-label": label, "aria-haspopup": "dialog", "data-n": String(n) },
      citation.verified ? String(n) : `${n}?`,
    );
    button.addEventListener("click", () => this.bubble.pin(button, card()));
    button.addEventListener("mouseenter", () => this.bubble.show(button, card()));
    button.addEventListener("mouseleave", () => this.bubble.leave());
    button.addEventListener("focus", () => !this.bubble.silent && button.matches(":focus-visible") && this.bubble.show(button, card()));
    button.addEventListener("blur", () => this.bubble.leave());
    return button;
  }
}

/** The one card that floats: near its mark, above everything, gone with Escape or when looked away from. */
export class Bubble {
  readonly node = make("div", { class: "bubble", role: "dialog", popover: "manual" });
  /** While the focus comes back to a mark by itself, which asks for nothing. */
  silent = false;
  private owner: HTMLElement | null = null;
  private pinned = false;
  private leaving = 0;

  constructor() {
    this.node.addEventListener("mouseenter", () => clearTimeout(this.leaving));
    this.node.addEventListener("mouseleave", () => this.leave());
    this.node.addEventListener("focusout", (event) => {
      if (!this.node.contains(event.relatedTarget as Node | null)) this.hide();
    });
  }

  get open(): boolean {
    return this.owner !== null;
  }

  show(owner: HTMLElement, card: HTMLElement): void {
    clearTimeout(this.leaving);
    if (this.pinned || this.owner === owner) return;
    this.light(false);
    this.owner = owner;
    this.node.setAttribute("aria-label", owner.getAttribute("aria-label") ?? "");
    this.node.replaceChildren(card);
    if (!this.node.matches(":popover-open")) this.node.showPopover();
    this.place(owner);
    this.light(true);
  }

  /** Keeps it open and moves the focus into it, so that keyboards and fingers reach what it offers. */
  pin(owner: HTMLElement, card: HTMLElement): void {
    this.pinned = false;
    this.show(owner, card);
    this.pinned = true;
    this.node.querySelector<HTMLElement>("button")?.focus();
  }

  leave(): void {
    clearTimeout(this.leaving);
    if (!this.pinned) this.leaving = window.setTimeout(() => this.hide(), 180);
  }

  /** Closes it; whether it was open. The focus goes back to the mark if it was inside. */
  hide(): boolean {
    const owner = this.owner;
    if (!owner) return false;
    const inside = this.node.matches(":focus-within");
    this.light(false);
    this.owner = null;
    this.pinned = false;
    if (this.node.matches(":popover-open")) this.node.hidePopover();
    if (inside) this.comeBack(owner);
    return true;
  }

  private comeBack(owner: HTMLElement): void {
    const before = this.silent;
    this.silent = true;
    owner.focus();
    this.silent = before;
  }

  private light(on: boolean): void {
    const words = this.owner?.closest(".words");
    for (const one of words?.querySelectorAll<HTMLElement>("[data-cites]") ?? []) {
      if (one.dataset["cites"]!.split(" ").includes(this.owner!.dataset["n"]!)) one.classList.toggle("on", on);
    }
  }

  private place(owner: HTMLElement): void {
    const at = owner.getBoundingClientRect();
    const { width, height } = this.node.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left + at.width / 2 - width / 2, innerWidth - width - 8));
    const below = at.bottom + 6 + height <= innerHeight - 8;
    this.node.style.left = `${left}px`;
    this.node.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
  }
}
