// Which words the admin page speaks, and how the reader writes dates and numbers.

import ar from "./ar.json";
import de from "./de.json";
import { type AdminStrings, en } from "./en";
import es from "./es.json";
import fr from "./fr.json";
import ja from "./ja.json";

const KNOWN: Readonly<Record<string, AdminStrings>> = { en, ar, de, es, fr, ja };

/** The first language of `wanted` that there is, and which variety of it the reader has. */
export function admin(wanted: readonly string[]): { code: string; locale: string; direction: "ltr" | "rtl"; strings: AdminStrings } {
  const of = (one: string) => one.toLowerCase().split("-")[0]!;
  const code = wanted.map(of).find((one) => one in KNOWN) ?? "en";
  const locale = wanted.find((one) => of(one) === code) ?? code;
  return { code, locale, direction: code === "ar" ? "rtl" : "ltr", strings: KNOWN[code]! };
}
