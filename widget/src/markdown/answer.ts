// The words of an answer on the page. While they stream only the blocks that changed are drawn anew: what was read
// already never flickers, keeps its selection, and moves nothing.

import type { Citation } from "../core/events";
import { make } from "../view/dom";
import { groupsOf, type Group } from "./cites";
import { type Hooks, lexed, Pen } from "./draw";
import { settled } from "./settle";

interface Block {
  readonly signature: string;
  readonly nodes: readonly Node[];
}

export class AnswerWords {
  readonly node = make("div", { class: "words", part: "answer", dir: "auto" });
  private blocks: Block[] = [];

  constructor(private readonly hooks: Hooks) {}

  draw(text: string, citations: readonly Citation[], live: boolean): void {
    const groups = groupsOf(text, citations);
    const source = live ? settled(text) : text;
    let at = 0;
    let index = 0;
    for (const token of lexed(source)) {
      const end = at + token.raw.length;
      const until = source.length === end ? Infinity : end;
      const own = groups.filter((group) => group.end > at && group.end <= until);
      const open = groups.filter((group) => group.start < end && group.end > until);
      const signature = `${at}|${token.raw}|${[...own, ...open].map(signatureOf).join()}`;
      if (token.type !== "space" || own.length) {
        if (this.blocks[index]?.signature !== signature) {
          this.replace(index, signature, () => {
            const into = make("div");
            const pen = new Pen(source.replaceAll("\r", " "), [...own, ...open], this.hooks, at);
            pen.blocks([token], into);
            if (own.length && until === Infinity) pen.rest(into.lastElementChild ?? into);
            return [...into.childNodes];
          });
        }
        index += 1;
      }
      at = end;
    }
    for (const gone of this.blocks.splice(index)) gone.nodes.forEach((node) => (node as ChildNode).remove());
  }

  private replace(index: number, signature: string, drawn: () => Node[]): void {
    const old = this.blocks[index];
    const nodes = drawn();
    const before = old?.nodes[0] ?? null;
    for (const node of nodes) this.node.insertBefore(node, before);
    old?.nodes.forEach((node) => (node as ChildNode).remove());
    this.blocks[index] = { signature, nodes };
  }
}

const signatureOf = (group: Group) => `${group.start}-${group.end}:${group.citations.map((one) => `${one.n}${one.verified}`).join("+")}`;
