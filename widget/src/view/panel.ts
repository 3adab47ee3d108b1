// The chat itself: head, conversation, box. The same in the corner of a page, inside one, and as the page of its own.
//
// It is the scene of all its parts, and listens to the store. While an answer grows nothing above it moves: the
// question stands at the top, with room below it, and scrolling is the reader's alone.

import type { Api } from "../core/api";
import type { Chat, Listener } from "../core/conversation";
import type { Turn } from "../core/turn";
import type { Tongue } from "../languages/languages";
import { Reader } from "../reader/reader";
import { Composer } from "./composer";
import { icon, iconButton, make } from "./dom";
import { Bubble } from "./marks";
import type { Place, Scene } from "./scene";
import { TurnView } from "./turnview";

export interface Look {
  readonly mode: "float" | "inline" | "page";
  readonly title: string;
  readonly greeting: string;
  readonly examples: readonly string[];
  readonly placeholder: string;
  readonly disclaimer: string;
  readonly support: string;
}

export interface Outside {
  emit: Scene["emit"];
  close(): void;
  search(words: string): void;
}

export class Panel implements Scene, Listener {
  readonly node: HTMLElement;
  readonly tools = make("div", { class: "tools" });
  readonly served = make("p", { class: "served", role: "status" });
  readonly aside: HTMLElement;
  readonly own: boolean;
  readonly support: string;
  readonly composer: Composer;
  private readonly bubble = new Bubble();
  private readonly views = new Map<Turn, TurnView>();
  private readonly thread: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly prompts: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly fresh: HTMLButtonElement;
  private readonly said = make("p", { class: "sr", "aria-live": "polite", role: "status" });
  private readonly toast = make("p", { class: "toast", "aria-hidden": "true", hidden: true });
  private readonly dialog: HTMLDialogElement;
  private readonly reader: Reader;
  private toasting = 0;

  constructor(
    readonly api: Api,
    readonly chat: Chat,
    readonly tongue: Tongue,
    private readonly look: Look,
    private readonly outside: Outside,
  ) {
    const { strings } = tongue;
    this.own = look.mode === "page";
    this.support = look.support;
    this.aside = make(this.own ? "aside" : "div", { class: "aside", "aria-label": this.own ? strings.conversations : null });
    this.emit = outside.emit;
    this.thread = make("ol", { class: "thread", "aria-label": strings.conversation });
    this.prompts = make("ul", { class: "prompts", "aria-label": strings.examples });
    this.empty = make("section", { class: "empty" }, make("h2", { dir: "auto" }, look.greeting || strings.greeting), make("p", { class: "lead" }, strings.lead), this.prompts);
    this.scroller = make("div", { class: "scroller", tabindex: "-1" }, this.empty, this.thread);
    this.composer = new Composer(strings, look.placeholder, (question) => this.ask(question), () => void chat.stop());
    this.fresh = iconButton("fresh", strings.fresh, { click: () => this.startAnew() });
    this.reader = new Reader(this, () => this.dialog.close());
    this.dialog = make("dialog", { class: "reader" }, this.reader.node) as HTMLDialogElement;
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => (this.bubble.silent = false));
    this.node = this.built();
    this.node.addEventListener("keydown", (event) => this.key(event));
    chat.listener = this;
    for (const turn of chat.turns) this.turnAdded(turn);
    this.runningChanged();
  }

  emit: Scene["emit"];

  private built(): HTMLElement {
    const { strings } = this.tongue;
    const { look } = this;
    const title = look.title || strings.title;
    const head = make("header", { class: "bar", part: "header" }, make("div", { class: "names" }, this.own ? make("h1", {}, make("a", { class: "brand", href: "/" }, icon("chat"), title)) : make("h2", { dir: "auto" }, title)), this.served, this.tools, this.fresh);
    if (look.mode === "float") head.append(iconButton("close", strings.close, { click: () => this.outside.close() }));
    const foot = make("div", { class: "foot" }, this.composer.node);
    if (look.disclaimer) foot.append(make("p", { class: "disclaimer", part: "disclaimer", dir: "auto" }, look.disclaimer));
    const main = make(this.own ? "main" : "div", { class: "main" }, this.scroller, foot);
    const modal = look.mode === "float";
    return make(
      this.own ? "div" : "section",
      { class: "panel", part: "panel", role: modal ? "dialog" : this.own ? null : "region", "aria-modal": modal ? "true" : null, "aria-label": this.own ? null : title },
      head,
      make("div", { class: "body" }, this.aside, main),
      this.said,
      this.toast,
      this.bubble.node,
      this.dialog,
    );
  }

  /** Shows what was said here before, else what may be asked. */
  async begin(): Promise<void> {
    if (!this.chat.turns.length && !(await this.chat.open())) void this.suggest();
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  async suggest(): Promise<void> {
    let questions = this.look.examples;
    if (!questions.length) {
      const within = this.chat.collection ? `?collection=${encodeURIComponent(this.chat.collection)}` : "";
      questions = await this.api.json<{ questions: string[] }>(`/v1/suggestions${within}`).then((found) => found.questions, () => []);
    }
    this.prompts.replaceChildren(...questions.map((question) => make("li", {}, make("button", { type: "button", dir: "auto", click: () => this.ask(question) }, question))));
  }

  // --- what the parts may do -----------------------------------------------------------------------------------------

  say(text: string): void {
    this.said.textContent = text;
    this.toast.textContent = text;
    this.toast.hidden = !text || text.length > 60;
    clearTimeout(this.toasting);
    this.toasting = window.setTimeout(() => (this.toast.hidden = true), 2500);
  }

  openDocument(place: Place): void {
    this.bubble.hide();
    this.bubble.silent = true;
    if (!this.dialog.open) this.dialog.showModal();
    this.reader.title.focus();
    void this.reader.open(place);
  }

  edit(question: string): void {
    this.composer.put(question);
  }

  search(words: string): void {
    this.outside.search(words);
  }

  ask(question: string): void {
    if (this.chat.running) return;
    void this.chat.ask(question);
    const turn = this.chat.turns.at(-1);
    if (!turn) return;
    for (const old of this.thread.querySelectorAll(".newest")) old.classList.remove("newest");
    const view = this.views.get(turn)!;
    view.answer.classList.add("newest"); // room below, so that the question can stand at the top while its answer grows
    view.question.scrollIntoView({ block: "start" });
    this.said.textContent = this.tongue.strings.searching;
  }

  startAnew(): void {
    this.chat.forget();
    void this.suggest();
    this.composer.box.focus();
  }

  showAnswer(message: string): void {
    const answer = this.thread.querySelector(`[data-message="${CSS.escape(message)}"]`);
    (answer?.previousElementSibling ?? answer)?.scrollIntoView({ block: "start" });
  }

  // --- what the store tells ------------------------------------------------------------------------------------------

  turnAdded(turn: Turn): void {
    const view = new TurnView(this, turn, this.bubble);
    this.views.set(turn, view);
    this.thread.append(view.question, view.answer);
    this.showEmpty();
  }

  turnChanged(turn: Turn): void {
    const view = this.views.get(turn);
    if (turn.outcome === "live") return view?.later();
    view?.draw();
  }

  /** An answer came to its end here, in front of the reader. */
  turnEnded(turn: Turn): void {
    const view = this.views.get(turn);
    if (view) this.said.textContent = view.spoken;
    const about = { messageId: turn.id, conversationId: turn.conversation, question: turn.question };
    if (turn.outcome === "error") this.emit("error", { ...about, code: turn.failure!.code });
    else if (turn.refusal) this.emit("refusal", { ...about, reason: turn.refusal.reason });
    else this.emit("answer", { ...about, outcome: turn.outcome, citations: turn.citations.length });
  }

  cleared(): void {
    this.bubble.hide();
    this.views.clear();
    this.thread.replaceChildren();
    this.showEmpty();
  }

  runningChanged(): void {
    this.composer.isRunning = this.chat.running !== null;
    this.showEmpty();
  }

  private showEmpty(): void {
    const none = !this.chat.turns.length;
    this.empty.hidden = !none;
    this.fresh.hidden = none;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Tab" && this.look.mode === "float" && !this.dialog.open) return this.trap(event);
    if (event.key !== "Escape" || this.dialog.open) return;
    if (this.bubble.hide()) event.stopPropagation();
    else if (this.chat.running) void this.chat.stop();
    else if (this.look.mode === "float") this.outside.close();
    else return;
    event.preventDefault();
  }

  /** The panel is a dialog: Tab goes round in it. */
  private trap(event: KeyboardEvent): void {
    const all = [...this.node.querySelectorAll<HTMLElement>("button, a[href], textarea, input, select, summary, [tabindex='0']")].filter((one) => !one.matches(":disabled") && one.offsetParent !== null && !one.closest("dialog"));
    const active = (this.node.getRootNode() as ShadowRoot).activeElement;
    const [first, last] = [all[0], all.at(-1)];
    if (event.shiftKey ? active === first : active === last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }
}
