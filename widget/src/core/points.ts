// Offsets of the service count Unicode code points, JavaScript's strings count UTF-16 units: this stands between them.

const PAIRED = /[\ud800-\udbff]/;

/** The index in UTF-16 units of code point `point` of `text`; past the end, its length. */
export function unitAt(text: string, point: number): number {
  if (!PAIRED.test(text)) return Math.min(point, text.length);
  let unit = 0;
  for (let seen = 0; seen < point && unit < text.length; seen += 1) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  return unit;
}

/** Code points `[start, end)` of `text`. */
export function slicePoints(text: string, start: number, end: number): string {
  if (!PAIRED.test(text)) return text.slice(start, end);
  const from = unitAt(text, start);
  return text.slice(from, from + unitAt(text.slice(from), end - start));
}

/** How many code points `text` has. */
export function countPoints(text: string): number {
  if (!PAIRED.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
