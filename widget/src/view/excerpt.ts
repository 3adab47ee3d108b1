// A passage for reading at a glance: the quoted words marked in what stands around them, without the signs of Markdown.
// It begins and ends at whole words, and each item of a list stays on a line of its own.

import type { Citation, Source } from "../core/events";
import { slicePoints } from "../core/points";
import { make } from "./dom";

const AROUND = 110; // characters shown on either side of a quote
const LONG = 220; // of a passage in which nothing is quoted

/** The words of `citation` in the passage that they come from, which may be unknown. */
export function quoted(citation: Citation, source: Source | undefined): Node[] {
  const { start, end } = citation.span;
  const inside = source && source.document_id === citation.document.id && source.start <= start && source.end >= end;
  const before = inside ? slicePoints(source.text, 0, start - source.start) : "";
  const after = inside ? slicePoints(source.text, end - source.start, source.end - source.start) : "";
  return [text(lead(before)), words(citation), text(tail(after))];
}

/** The beginning of a passage that is not quoted. */
export function opening(passage: string): Node[] {
  return [text(cutEnd(tidy(passage).trim(), LONG))];
}

function words(citation: Citation): Node {
  const whole = citation.quote;
  const key = citation.key_span;
  const parts: (Node | string)[] = key
    ? [
        tidy(slicePoints(whole, 0, key.start)),
        make("strong", {}, tidy(slicePoints(whole, key.start, key.end))),
        tidy(slicePoints(whole, key.end, whole.length)),
      ]
    : [tidy(whole)];
  return make(citation.verified ? "mark" : "span", citation.verified ? {} : { class: "unproven" }, ...parts);
}

function lead(before: string): string {
  const plain = tidy(before);
  if (plain.length <= AROUND + 20) return plain;
  return `… ${plain.slice(-AROUND).replace(/^\S*\s+/, "")}`;
}

function tail(after: string): string {
  return cutEnd(tidy(after).trimEnd(), AROUND);
}

function cutEnd(plain: string, length: number): string {
  return plain.length <= length + 20 ? plain : `${plain.slice(0, length).replace(/\s+\S*$/, "")} …`;
}

/** `text` without the signs of Markdown. Lines stay lines. */
export function tidy(markdown: string): string {
  return markdown
    .replace(/^[ \t]*(?:(?:```|~~~).*|\|[\s|:-]+\|)[ \t]*$\n?/gm, "")
    .replace(/^[ \t]*\|[ \t]*|[ \t]*\|[ \t]*$/gm, "")
    .replace(/[ \t]+\|[ \t]+/g, " · ")
    .replace(/^[ \t]*#{1,6}[ \t]+/gm, "")
    .replace(/^([ \t]*)[-*+][ \t]+/gm, "$1• ")
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, "$1")
    .replace(/\*\*|__|`/g, "")
    .replace(/(?<![*\w])\*([^*\s][^*\n]*)\*(?![*\w])/g, "$1")
    .replace(/\n{2,}/g, "\n");
}

const text = (content: string) => document.createTextNode(content);
