// How much is asked and how it ends, day by day: sums, plots, and the figures behind them as a table.

import { counted, fill } from "../languages/languages";
import { make } from "../view/dom";
import { type Desk, Fetched, named, number, type Section } from "./desk";
import { plot } from "./plot";
import { table } from "./table";

const OUTCOMES = ["answered", "nearest", "refused", "cut", "failed"] as const;
const RATINGS = ["up", "down"] as const;
const SUMS = ["questions", "conversations", "input_tokens", "output_tokens"] as const;
type Figure = (typeof OUTCOMES)[number] | (typeof RATINGS)[number] | (typeof SUMS)[number];
type Day = Readonly<Record<Figure, number>> & { readonly day: string };

export class Usage implements Section {
  readonly node: HTMLElement;
  private readonly list: Fetched;
  private readonly range: HTMLSelectElement;

  constructor(private readonly desk: Desk) {
    const { strings } = desk;
    this.list = new Fetched(desk);
    const options = [7, 30, 90, 365].map((n) => make("option", { value: String(n), selected: n === 30 }, counted(desk, strings.lastDays, n)));
    this.range = make("select", { "aria-label": strings.range }, ...options) as HTMLSelectElement;
    this.range.addEventListener("change", () => void this.load());
    this.node = make("div", { class: "section" }, make("div", { class: "filters" }, this.range), this.list.node);
  }

  load(): Promise<void> {
    return this.list.show(async () => this.drawn((await this.desk.api.json<{ days: readonly Day[] }>(`/v1/admin/usage?days=${this.range.value}`)).days));
  }

  private drawn(days: readonly Day[]): Node[] {
    const { strings } = this.desk;
    return [this.sums(days), this.figure(strings.byDay, days, OUTCOMES, strings.outcomes), this.figure(strings.ratedByDay, days, RATINGS, strings.ratings), this.asTable(days), make("p", { class: "quiet" }, strings.utc)];
  }

  private sums(days: readonly Day[]): HTMLElement {
    const { desk } = this;
    const { strings } = desk;
    const sum = (key: Figure) => days.reduce((total, day) => total + day[key], 0);
    const shown: [string, number][] = [
      [strings.questions, sum("questions")],
      [strings.conversations, sum("conversations")],
      ...OUTCOMES.map((key): [string, number] => [named(strings.outcomes, key), sum(key)]),
      ...RATINGS.map((key): [string, number] => [named(strings.ratings, key), sum(key)]),
      [strings.tokens, sum("input_tokens") + sum("output_tokens")],
    ];
    return make("dl", { class: "sums" }, ...shown.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, number(desk, value)))));
  }

  private figure(title: string, days: readonly Day[], keys: readonly Figure[], names: string): HTMLElement {
    const { desk } = this;
    const short = new Intl.DateTimeFormat(desk.code, { day: "numeric", month: "short", timeZone: "UTC" });
    const totals = days.map((day) => keys.reduce((sum, key) => sum + day[key], 0));
    const total = totals.reduce((sum, value) => sum + value, 0);
    const most = Math.max(0, ...totals);
    const greatest = days[totals.indexOf(most)];
    const said = total && greatest ? fill(desk.strings.plotSaid, { title, total: number(desk, total), day: short.format(new Date(greatest.day)), most: number(desk, most) }) : fill(desk.strings.plotNone, { title });
    const kinds = keys.map((key) => ({ key, name: named(names, key) }));
    const drawn = plot({ days: days.map((day) => day.day), kinds, value: (key, place) => days[place]![key as Figure], day: (iso) => short.format(new Date(iso)), said });
    return make("section", { class: "plotted" }, make("h3", {}, title), drawn);
  }

  private asTable(days: readonly Day[]): HTMLElement {
    const { desk } = this;
    const { strings } = desk;
    const names: [Figure, string][] = [["questions", strings.questions], ...OUTCOMES.map((key): [Figure, string] => [key, named(strings.outcomes, key)]), ...RATINGS.map((key): [Figure, string] => [key, named(strings.ratings, key)]), ["conversations", strings.conversations]];
    const rows = [...days].reverse().map((day) => [day.day, ...names.map(([key]) => number(desk, day[key]))]);
    const columns = [{ title: strings.day, kind: "row" as const }, ...names.map(([, title]) => ({ title, kind: "number" as const }))];
    return make("details", { class: "more" }, make("summary", {}, strings.asTable), table(strings.usage, columns, rows));
  }
}
