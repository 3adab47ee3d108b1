// A citation of `words` where they stand in `text`.

import type { Citation } from "../src/core/events";
import { countPoints } from "../src/core/points";

export function citing(text: string, words: string, n = 1, verified = true): Citation {
  const at = text.indexOf(words);
  const start = countPoints(text.slice(0, at));
  const document = { id: "d1", title: "Manual", uri: "manual.md", version: "v", media_type: "text/markdown" };
  return { n, document, span: { start: 0, end: 1, page: null, heading_path: [] }, quote: words, quote_sha256: "", answer_span: { start, end: start + countPoints(words) }, verified, method: "llm", score: 1, url: "", key_span: null };
}
