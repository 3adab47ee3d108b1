// Elements and icons without markup in strings: text becomes text nodes, attributes are set one by one.

type Value = string | boolean | null | undefined | ((event: never) => void);

/** An element; functions are listeners for the event of their name, null and false leave an attribute out. */
export function make(tag: string, attributes: Readonly<Record<string, Value>> = {}, ...children: (Node | string)[]): HTMLElement {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value as (event: Event) => void);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/** Parts with dots between them, each in its own direction: a page's number stays with its word, a path in one piece. */
export function dotted(parts: readonly string[]): Node[] {
  return parts.filter(Boolean).flatMap((part, place) => [new Text(place ? " · " : ""), make("bdi", {}, part)]);
}

const SHAPES = {
  send: "M10 16V4M4.8 9.2 10 4l5.2 5.2",
  stop: "M6 6h8v8H6z",
  close: "m5 5 10 10M15 5 5 15",
  chat: "M3.5 4.5h13v9h-7l-4 3.2v-3.2h-2z",
  fresh: "M10 4v12M4 10h12",
  list: "M3.5 5.5h13M3.5 10h13M3.5 14.5h8",
  find: "M9 3.8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 9 3.8m3.8 9 3.7 3.7",
  up: "M3 9.2h3v7.3H3zM6 9.2l3.4-6.4c1.6 0 2.2 1.2 1.9 2.6l-.6 2.6h4.7c1.1 0 1.8 1 1.5 2l-1.5 5c-.2.9-.9 1.5-1.8 1.5H6",
  edit: "m4 16 .8-3.4 8.6-8.6 2.6 2.6-8.6 8.6zM11.6 5.8l2.6 2.6",
  copy: "M7 7h9v9H7zM4 13V4h9",
  link: "M8.5 11.5l3-3M7 9 4.8 11.2a2.8 2.8 0 0 0 4 4L11 13M13 11l2.2-2.2a2.8 2.8 0 0 0-4-4L9 7",
  again: "M16 10a6 6 0 1 1-1.8-4.3M16 3v3.4h-3.4",
  down: "M10 4v11M5 10.5l5 5 5-5",
  theme: "M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14",
  page: "M5 3h7l3.5 3.5V17H5zM12 3v3.5h3.5",
} as const;

export type Icon = keyof typeof SHAPES;

export function icon(name: Icon, turned = false): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", width: "18", height: "18", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS(svg.namespaceURI as "http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  if (turned) path.setAttribute("transform", "rotate(180 10 10)");
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says `label`. */
export function iconButton(name: Icon, label: string, attributes: Readonly<Record<string, Value>>, turned = false): HTMLButtonElement {
  const button = make("button", { type: "button", class: "icon", "aria-label": label, title: label, ...attributes });
  button.append(icon(name, turned));
  return button as HTMLButtonElement;
}
