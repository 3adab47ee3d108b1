// Which stretches of an answer are cited: citations of the same stretch are one group, in order of their ends.

import type { Citation } from "../core/events";
import { unitAt } from "../core/points";

export interface Group {
  /** UTF-16 units `[start, end)` of the answer. */
  readonly start: number;
  readonly end: number;
  readonly citations: readonly Citation[];
  /** Whether the words of at least one citation were found to support it. */
  readonly verified: boolean;
}

export function groupsOf(text: string, citations: readonly Citation[]): Group[] {
  const found = new Map<string, Citation[]>();
  for (const citation of citations) {
    const key = `${citation.answer_span.start}-${citation.answer_span.end}`;
    const same = found.get(key);
    if (!same) found.set(key, [citation]);
    else if (!same.some((one) => one.n === citation.n)) same.push(citation);
  }
  return [...found.values()]
    .map((same) => ({
      start: unitAt(text, same[0]!.answer_span.start),
      end: trimmed(text, unitAt(text, same[0]!.answer_span.end)),
      citations: same,
      verified: same.some((one) => one.verified),
    }))
    .sort((a, b) => a.end - b.end || a.start - b.start);
}

/** The end without the white space before it: marks stand right behind words. */
function trimmed(text: string, end: number): number {
  return text.slice(0, end).trimEnd().length;
}
