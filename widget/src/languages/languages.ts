// Which language is spoken: the attribute's, else the page's, else the browser's, else English; and which way it runs.
//
// English is in the script. Another one is fetched from the service when it is first needed, before anything is drawn:
// five languages that a visitor does not read would be a fifth of the script.

import { en, type Strings } from "./en";

const CODES: ReadonlySet<string> = new Set(["en", "de", "fr", "es", "ja", "ar"]);
const known = new Map<string, Strings>([["en", en]]);

export interface Tongue {
  readonly code: string;
  readonly direction: "ltr" | "rtl";
  readonly strings: Strings;
}

/** The first of `wanted` (`de-AT` counts as `de`) that there is. */
export function chosen(wanted: readonly (string | null | undefined)[]): string {
  return wanted.map((one) => (one ?? "").toLowerCase().split("-")[0]!).find((one) => CODES.has(one)) ?? "en";
}

export const spoken = (code: string): boolean => known.has(code);

export function teach(code: string, strings: Strings): void {
  known.set(code, { ...en, ...strings });
}

/** Fetches a language; where that fails English is spoken. */
export async function load(home: string, code: string): Promise<void> {
  const response = await fetch(`${home}/static/languages/${code}.json`, { credentials: "omit" }).catch(() => null);
  teach(code, response?.ok ? ((await response.json()) as Strings) : en);
}

/** A language that is known, with `own` strings instead of ours. */
export function tongue(code: string, own: Partial<Strings> = {}): Tongue {
  return { code, direction: code === "ar" ? "rtl" : "ltr", strings: { ...(known.get(code) ?? en), ...own } };
}

/** The form of `text` ("one=…|other=…", by Unicode plural category) for `n` things, filled in. */
export function counted(tongue: { readonly code: string }, text: string, n: number, values: Readonly<Record<string, string | number>> = {}): string {
  const category = new Intl.PluralRules(tongue.code).select(n);
  const forms = text.split("|");
  const form = forms.find((one) => one.startsWith(`${category}=`)) ?? forms.at(-1)!;
  return fill(form.replace(/^\w+=/, ""), { n, ...values });
}

/** `text` with its `{names}` filled in. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
