// The styles as constructed sheets: shared by all elements of a page, and no inline style for a policy to forbid.

import base from "./base.css?inline";
import chat from "./chat.css?inline";
import reader from "./reader.css?inline";

let made: CSSStyleSheet[] | null = null;

export function sheets(): CSSStyleSheet[] {
  made ??= [base, chat, reader].map(sheetOf);
  return made;
}

export function sheetOf(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
