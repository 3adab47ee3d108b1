// A question and its answer on the page. Each outcome looks different and says what can be done next.

import { numbering, type Turn } from "../core/turn";
import { counted } from "../languages/languages";
import { AnswerWords } from "../markdown/answer";
import { actions } from "./actions";
import { passageCard, quoteCard, section, sourceList } from "./cards";
import { iconButton, make } from "./dom";
import { type Bubble, Marks } from "./marks";
import { notice } from "./outcomes";
import type { Scene } from "./scene";

export class TurnView {
  readonly question: HTMLElement;
  readonly answer = make("li", { class: "turn" });
  private readonly words: AnswerWords;
  private readonly waiting = make("p", { class: "waiting" });
  private readonly around = make("div", { class: "around" });
  private drawing = 0;
  private shown = "";

  constructor(
    private readonly scene: Scene,
    private readonly turn: Turn,
    bubble: Bubble,
  ) {
    const { strings } = scene.tongue;
    const edit = iconButton("edit", strings.edit, { click: () => scene.edit(turn.question) });
    this.question = make("li", { class: "turn mine", part: "question" }, make("p", { dir: "auto" }, turn.question), edit);
    this.words = new AnswerWords(new Marks(scene, turn, bubble));
    this.answer.append(this.words.node, this.waiting, this.around);
    this.draw();
  }

  /** Soon: at most once in a frame, however many events there were. */
  later(): void {
    this.drawing ||= requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const { turn } = this;
    const { outcome } = turn;
    const live = outcome === "live";
    this.answer.dataset["outcome"] = outcome;
    this.answer.dataset["message"] = turn.id ?? "";
    this.answer.setAttribute("aria-busy", String(live));
    this.words.draw(saidByNotice(turn) ? "" : turn.text, turn.citations, live);
    this.words.node.classList.toggle("growing", live && !turn.waiting);
    this.drawWaiting(live);
    this.drawAround();
  }

  private drawWaiting(live: boolean): void {
    const { strings } = this.scene.tongue;
    const waits = { search: strings.waitSearch, rewrite: strings.waitRewrite, tool: strings.waitTool, read: strings.waitRead, reconnect: strings.waitReconnect, "": "" };
    const what = live ? this.turn.detail && this.turn.waiting === "tool" ? this.turn.detail : waits[this.turn.waiting] : "";
    this.waiting.hidden = !what;
    if (what && this.waiting.textContent !== what) {
      this.waiting.replaceChildren(make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")), what);
    }
  }

  /** What stands below the words; drawn anew only when it says something else. */
  private drawAround(): void {
    const { scene, turn } = this;
    const { outcome } = turn;
    const says = [outcome, turn.citations.length, turn.sources.length, turn.unsaved, turn.rating, turn.failure?.code, turn.id].join("|");
    if (says === this.shown) return;
    this.shown = says;
    const parts: HTMLElement[] = [];
    const told = notice(scene, turn);
    if (told) parts.push(told);
    if (turn.refusal) parts.push(...this.nearest());
    if (outcome === "answered") parts.push(this.checked());
    if (!turn.refusal) parts.push(...sourceList(scene, turn));
    if (turn.unsaved) parts.push(make("p", { class: "note" }, turn.unsaved));
    if (outcome !== "live" && turn.id) parts.push(actions(scene, turn));
    this.around.replaceChildren(...parts);
  }

  /** What was checked, in so many words: that quotes are the documents' own, never that the answer is right. */
  private checked(): HTMLElement {
    const { strings } = this.scene.tongue;
    const { citations } = this.turn;
    if (!citations.length) return make("p", { class: this.turn.sources.length ? "checked doubtful" : "checked" }, this.turn.sources.length ? strings.uncited : "");
    const verified = citations.filter((one) => one.verified).length;
    const all = verified === citations.length;
    const words = counted(this.scene.tongue, all ? strings.checkedAll : strings.checkedSome, citations.length, { k: verified });
    return make("p", { class: all ? "checked" : "checked doubtful" }, words);
  }

  private nearest(): HTMLElement[] {
    const { scene, turn } = this;
    const refusal = turn.refusal!;
    const { strings } = scene.tongue;
    const byNumber = new Map([...turn.sources, ...refusal.nearest].map((source) => [source.n, source]));
    const quotes = refusal.quotes.map((one) => quoteCard(scene, { ...one, verified: false }, byNumber.get(one.n), null));
    const quotedNumbers = new Set(refusal.quotes.map((one) => one.n));
    const others = refusal.nearest.filter((source) => !quotedNumbers.has(source.n)).map((source) => passageCard(scene, source));
    const cards = [...quotes, ...others];
    return cards.length ? [section(strings.nearestPassages, cards)] : [];
  }

  /** What is read out once it has ended: never token by token. */
  get spoken(): string {
    const { turn } = this;
    const { strings } = this.scene.tongue;
    if (turn.outcome === "error") return strings.errorTitle;
    if (turn.refusal) return `${turn.refusal.message} ${turn.refusal.next}`;
    return `${this.words.node.textContent ?? ""} ${counted(this.scene.tongue, strings.saidSources, numbering(turn.citations).size)}`;
  }
}

/** Whether the notice says all that was said, so that it is not said twice. */
function saidByNotice({ outcome, refusal, text }: Turn): boolean {
  if (outcome === "blocked") return !refusal || refusal.message.trim() === text.trim();
  return outcome === "refused" || outcome === "nearest";
}
