// Answers as text for elsewhere: with numbers behind the sentences and the sources below, each said to be checked or not.

import type { Turn } from "../core/turn";
import { numbering } from "../core/turn";
import type { Strings } from "../languages/en";
import { fill } from "../languages/languages";
import { groupsOf } from "../markdown/cites";

/** The answer as Markdown with its sources. */
export function withSources(turn: Turn, strings: Strings): string {
  const shown = numbering(turn.citations);
  let words = turn.text;
  for (const group of groupsOf(turn.text, turn.citations).reverse()) {
    const marks = group.citations.map((one) => `[${shown.get(one.n)}${one.verified ? "" : "?"}]`).join("");
    words = `${words.slice(0, group.end)} ${marks}${words.slice(group.end)}`;
  }
  const cited = [...new Map(turn.citations.map((one) => [`${one.n}${one.quote}`, one])).values()].sort((a, b) => shown.get(a.n)! - shown.get(b.n)!);
  const lines = cited.map((one) => {
    const page = one.span.page === null ? "" : `, ${fill(strings.page, { n: one.span.page })}`;
    const doubt = one.verified ? "" : ` (${strings.notVerified})`;
    return `[${shown.get(one.n)}] ${one.document.title}${page}: “${one.quote.replaceAll("\n", " ")}”${doubt} ${one.document.uri}`;
  });
  return [words, ...(lines.length ? ["", `${strings.sources}:`, ...lines] : [])].join("\n");
}

/** A whole conversation as a Markdown document. */
export function exported(turns: readonly Turn[], strings: Strings): string {
  const parts = turns.map((turn) => `## ${turn.question.replaceAll("\n", " ")}\n\n${withSources(turn, strings)}\n`);
  return [`# ${strings.conversation}\n`, ...parts].join("\n");
}

export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
