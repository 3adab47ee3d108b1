// A table that scrolls by itself where it is wider than the screen, for keyboards too.

import { make } from "../view/dom";

export interface Column {
  readonly title: string;
  /**
   * Numbers stand at the end of their column; `wide` columns are left out on a phone; a `row` column names its row; what
   * an `action` column holds speaks for itself, so that its title is for listeners only.
   */
  readonly kind?: "number" | "when" | "wide" | "row" | "action";
}

export type Cell = Node | string | readonly (Node | string)[];

export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): HTMLElement {
  const head = columns.map(({ title, kind }) => make("th", { scope: "col", class: kind ?? null }, kind === "action" ? make("span", { class: "sr" }, title) : title));
  const body = rows.map((cells) =>
    make(
      "tr",
      {},
      ...cells.map((cell, place) => {
        const kind = columns[place]?.kind;
        const content = typeof cell === "string" || cell instanceof Node ? [cell] : cell;
        return make(kind === "row" ? "th" : "td", { scope: kind === "row" ? "row" : null, class: kind ?? null }, ...content);
      }),
    ),
  );
  const drawn = make("table", {}, make("caption", { class: "sr" }, caption), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, drawn);
}
