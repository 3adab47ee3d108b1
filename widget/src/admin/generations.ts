// The generations that are kept: which one answers, and the way back to another.

import { counted, fill } from "../languages/languages";
import { make } from "../view/dom";
import { bytes, type Desk, Fetched, moment, number, query, type Section, wordsOf } from "./desk";
import { table } from "./table";

interface Generation {
  readonly number: number;
  readonly created: string;
  readonly documents: number;
  readonly chunks: number;
  readonly current: boolean;
  readonly size_bytes: number;
}

export class Generations implements Section {
  readonly node: HTMLElement;
  private readonly list: Fetched;

  constructor(private readonly desk: Desk) {
    this.list = new Fetched(desk);
    this.node = make("div", { class: "section" }, this.list.node);
  }

  load(): Promise<void> {
    const { desk } = this;
    return this.list.show(async () => this.drawn(await desk.api.json(query(desk, "/v1/admin/generations"))));
  }

  private drawn({ generations, kept }: { readonly generations: readonly Generation[]; readonly kept: number }): Node[] {
    const { desk } = this;
    const { strings } = desk;
    const rows = generations.map((one) => {
      const back = make("button", { type: "button", class: "act", "aria-label": `${strings.rollBack}: ${one.number}`, click: () => void this.rollBack(one.number) }, strings.rollBack);
      return [number(desk, one.number), moment(desk, one.created), number(desk, one.documents), number(desk, one.chunks), bytes(desk, one.size_bytes), one.current ? make("span", { class: "badge indexed" }, strings.current) : back];
    });
    const columns = [{ title: strings.generation, kind: "row" }, { title: strings.created, kind: "when" }, { title: strings.documents, kind: "number" }, { title: strings.passages, kind: "wide" }, { title: strings.size, kind: "wide" }, { title: strings.actions, kind: "action" }] as const;
    return [table(strings.generations, columns, rows), make("p", { class: "quiet" }, counted(desk, strings.kept, kept))];
  }

  private async rollBack(generation: number): Promise<void> {
    const { desk } = this;
    const { strings } = desk;
    if (!(await desk.confirm(fill(strings.rollBackWhat, { n: generation }), strings.rollBack))) return;
    try {
      await desk.api.post("/v1/admin/rollback", { generation, ...(desk.collection && { collection: desk.collection }) });
      desk.say(fill(strings.rolledBack, { n: generation }));
    } catch (failure) {
      desk.say(wordsOf(desk, failure));
    }
    await this.load();
  }
}
