// Where a quote stands in the text that was fetched: at its span, else wherever the same words are found.

import { unitAt } from "../core/points";

export interface Fetched {
  readonly title: string;
  readonly uri: string;
  readonly media_type: string;
  readonly version: string;
  readonly start: number;
  readonly end: number;
  readonly length: number;
  readonly text: string;
  readonly pages: readonly number[];
}

export interface Located {
  /** UTF-16 units of the fetched text; empty when the words are not there. */
  readonly from: number;
  readonly to: number;
  readonly found: boolean;
}

export function locate(fetched: Fetched, start: number, end: number, quote: string): Located {
  const from = unitAt(fetched.text, Math.max(0, start - fetched.start));
  const to = unitAt(fetched.text, Math.max(0, end - fetched.start));
  if (to > from && (!quote || fetched.text.slice(from, to) === quote)) return { from, to, found: true };
  const at = quote ? fetched.text.indexOf(quote) : -1;
  return at < 0 ? { from: 0, to: 0, found: false } : { from: at, to: at + quote.length, found: true };
}
