// What people asked in vain, and what they said of answers.

import { make } from "../view/dom";
import { type Desk, Fetched, moment, named, number, type Section, wordsOf } from "./desk";
import { table } from "./table";

interface Gap {
  readonly question: string;
  readonly times: number;
  readonly reasons: readonly string[];
  readonly last_asked: string;
  readonly comments: readonly string[];
}

interface Rated {
  readonly message_id: string;
  readonly conversation_id: string;
  readonly question: string;
  readonly answer: string;
  readonly rating: "up" | "down";
  readonly comment: string;
  readonly asked: string;
}

export class Gaps implements Section {
  readonly node: HTMLElement;
  private readonly list: Fetched;

  constructor(private readonly desk: Desk) {
    this.list = new Fetched(desk);
    this.node = make("div", { class: "section" }, this.list.node);
  }

  load(): Promise<void> {
    return this.list.show(async () => this.drawn((await this.desk.api.json<{ gaps: readonly Gap[] }>("/v1/gaps")).gaps));
  }

  private drawn(gaps: readonly Gap[]): Node[] {
    const { desk } = this;
    const { strings } = desk;
    if (!gaps.length) return [make("p", { class: "none" }, strings.noGaps)];
    const rows = gaps.map((gap) => [
      make("span", { dir: "auto" }, gap.question),
      number(desk, gap.times),
      gap.reasons.map((reason) => named(strings.reasons, reason)).join(", "),
      moment(desk, gap.last_asked),
      gap.comments.map((comment) => make("p", { dir: "auto" }, comment)),
    ]);
    return [table(strings.gaps, [{ title: strings.question, kind: "row" }, { title: strings.times, kind: "number" }, { title: strings.why }, { title: strings.lastAsked, kind: "wide" }, { title: strings.comments, kind: "wide" }], rows)];
  }
}

export class Feedback implements Section {
  readonly node: HTMLElement;
  private readonly list: Fetched;
  private readonly rating: HTMLSelectElement;

  constructor(private readonly desk: Desk) {
    const { strings } = desk;
    this.list = new Fetched(desk);
    const ratings = { "": strings.all, down: strings.didNotHelp, up: strings.helped };
    this.rating = make("select", { "aria-label": strings.rating }, ...Object.entries(ratings).map(([value, name]) => make("option", { value }, name))) as HTMLSelectElement;
    this.rating.addEventListener("change", () => void this.load());
    this.node = make("div", { class: "section" }, make("div", { class: "filters" }, this.rating), this.list.node);
  }

  load(): Promise<void> {
    return this.list.show(async () => {
      const cards = make("ul", { class: "cards rated" });
      const more = make("p", { class: "steps" });
      await this.add(cards, more, "");
      return cards.childElementCount ? [cards, more] : [make("p", { class: "none" }, this.desk.strings.noFeedback)];
    });
  }

  private async add(cards: HTMLElement, more: HTMLElement, cursor: string): Promise<void> {
    const { desk } = this;
    const told = new URLSearchParams({ limit: "30", ...(this.rating.value && { rating: this.rating.value }), ...(cursor && { cursor }) });
    const page = await desk.api.json<{ feedback: readonly Rated[]; next_cursor: string | null }>(`/v1/admin/feedback?${told}`);
    cards.append(...page.feedback.map((one) => make("li", {}, this.card(one))));
    const go = () => this.add(cards, more, page.next_cursor!).catch((failure: unknown) => desk.say(wordsOf(desk, failure)));
    more.replaceChildren(...(page.next_cursor ? [make("button", { type: "button", class: "act", click: () => void go() }, desk.strings.more)] : []));
  }

  private card(one: Rated): HTMLElement {
    const { desk } = this;
    const { strings } = desk;
    const up = one.rating === "up";
    const address = `/#answer=${encodeURIComponent(one.conversation_id)}/${encodeURIComponent(one.message_id)}`;
    return make(
      "article",
      { class: `rating ${one.rating}` },
      make("p", { class: "place" }, make("span", { class: `badge ${up ? "indexed" : "failed"}` }, up ? strings.helped : strings.didNotHelp), ` ${moment(desk, one.asked)}`),
      make("h3", { dir: "auto" }, one.question),
      make("p", { class: "said", dir: "auto" }, one.answer),
      ...(one.comment ? [make("blockquote", { dir: "auto" }, one.comment)] : []),
      make("a", { href: address }, strings.openAnswer),
    );
  }
}
