// Bars by day, stacked by kind, as SVG. Whoever does not see them is told the sum and the greatest day; all the figures
// stand in a table behind (see usage.ts).

import { make } from "../view/dom";

export interface Kind {
  readonly key: string;
  readonly name: string;
}

export interface Bars {
  readonly days: readonly string[];
  readonly kinds: readonly Kind[];
  /** Of a kind on the day of this place. */
  value(key: string, place: number): number;
  /** A day for people. */
  day(iso: string): string;
  readonly said: string;
}

const WIDTH = 720;
const HEIGHT = 200;
const LEFT = 34;
const BELOW = 22;
const SVG = "http://www.w3.org/2000/svg";

function svg(name: string, attributes: Readonly<Record<string, string | number>>, ...children: (Node | string)[]): SVGElement {
  const node = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** The least of 1, 2, 5, 10, 20, … that is not below `value`: where an axis ends. */
export function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((step) => step * power).find((end) => end >= value)!;
}

export function plot(bars: Bars): HTMLElement {
  const total = (place: number) => bars.kinds.reduce((sum, { key }) => sum + bars.value(key, place), 0);
  const top = roundedUp(Math.max(1, ...bars.days.map((_, place) => total(place))));
  const room = (WIDTH - LEFT) / Math.max(1, bars.days.length);
  const y = (value: number) => HEIGHT - BELOW - (value / top) * (HEIGHT - BELOW - 8);
  const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", role: "img", "aria-label": bars.said, direction: "ltr" });
  for (const value of top % 2 === 0 ? [0, top / 2, top] : [0, top]) {
    drawn.append(svg("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }), svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(value)));
  }
  const step = Math.ceil(bars.days.length / 7);
  bars.days.forEach((iso, place) => {
    const left = LEFT + place * room + room * 0.12;
    let below = 0;
    for (const { key, name } of bars.kinds) {
      const value = bars.value(key, place);
      if (!value) continue;
      const told = svg("title", {}, `${bars.day(iso)}: ${name} ${value}`);
      drawn.append(svg("rect", { class: `bar-${key}`, x: left, width: Math.max(1, room * 0.76), y: y(below + value), height: Math.max(1, y(below) - y(below + value)) }, told));
      below += value;
    }
    if (place % step === 0) drawn.append(svg("text", { x: left, y: HEIGHT - 5 }, bars.day(iso)));
  });
  const legend = bars.kinds.map(({ key, name }) => make("li", {}, swatch(key), name));
  return make("figure", {}, drawn, make("ul", { class: "legend", "aria-hidden": "true" }, ...legend));
}

function swatch(key: string): SVGElement {
  return svg("svg", { viewBox: "0 0 10 10", width: 11, height: 11, "aria-hidden": "true" }, svg("rect", { class: `bar-${key}`, width: 10, height: 10, rx: 2 }));
}
