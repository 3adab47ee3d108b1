// What of an unfinished text can be drawn already without being redrawn as something else a moment later.
//
// Only the last block of a stream is in doubt. What opens there without a close is closed for the time being; what may
// turn out to be a mark (`-`, `#`, the first row of a table, half a link) waits for the words behind it.

const FENCE = /^ {0,3}(```|~~~)/gm;

export function settled(text: string): string {
  const fences = [...text.matchAll(FENCE)];
  if (fences.length % 2) return text.replace(/\n {0,3}(`{1,2}|~{1,2})$/, ""); // inside code all else is what it is
  const fence = fences.at(-1);
  const behind = fence ? text.indexOf("\n", fence.index) : -1;
  if (fence && behind < 0) return text;
  const at = Math.max(text.lastIndexOf("\n\n"), behind) + 1;
  return text.slice(0, at) + lastBlock(text.slice(at));
}

function lastBlock(block: string): string {
  const lines = block.split("\n");
  const rows = lines.filter((line) => line.trim());
  if (rows.length && rows.length < 3 && rows.every((line) => line.trimStart().startsWith("|"))) return "";
  const last = lines.at(-1)!;
  if (/^\s*([-*+#>]|#{2,6}|\d{1,3}[.)]?|`{1,3}\w*|\|.*[^|\s]\s*)\s*$/.test(last)) lines.pop();
  return closed(lines.join("\n").replace(/!?\[[^\]\n]*(\](\([^)\s]*)?)?$/, ""));
}

function closed(text: string): string {
  const open = text.replace(/[*_`~\s]+$/, "");
  const outside = open.replace(/`[^`\n]*`/g, "");
  if (outside.includes("`")) return `${open}\``;
  const mark = (outside.match(/\*\*/g)?.length ?? 0) % 2 ? "**" : "";
  const single = (outside.replaceAll("**", "").replace(/^\s*\*\s/gm, "").match(/\*/g)?.length ?? 0) % 2 ? "*" : "";
  return mark || single ? open + single + mark : text.replace(/[*_`]+$/, "");
}
