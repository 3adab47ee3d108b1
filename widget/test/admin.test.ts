// The admin page without a browser: lines in hostile chunks, plots, words by number, and languages that say everything.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { named } from "../src/admin/desk";
import { linesOf } from "../src/admin/lines";
import { plot, roundedUp } from "../src/admin/plot";
import { en as adminEn } from "../src/languages/admin/en";
import { admin } from "../src/languages/admin/languages";
import { en } from "../src/languages/en";
import { counted } from "../src/languages/languages";

const CODES = ["de", "fr", "es", "ja", "ar"] as const;
const SOURCES = join(import.meta.dirname, "..", "src", "languages");
const stringsOf = (folder: string, code: string) => JSON.parse(readFileSync(join(SOURCES, folder, `${code}.json`), "utf8")) as Record<string, string>;
const chat = (code: string): Record<string, string> => (code === "en" ? { ...en } : stringsOf("", code));
const places = (text: string) => new Set(text.match(/\{\w+\}/g) ?? []);
const keys = (text: string) => text.split("|").map((one) => one.split("=")[0]);

describe("lines of JSON", () => {
  test.each([1, 2, 3, 7, 1000])("are the same in chunks of %i bytes", async (size) => {
    const bytes = new TextEncoder().encode('{"n":1,"path":"Größe/日本"}\n\n{"n":2}\n{"n":3}');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const found: { n: number; path?: string }[] = [];
    for await (const line of linesOf<{ n: number; path?: string }>(new Response(body))) found.push(line);
    expect(found.map((line) => line.n)).toEqual([1, 2, 3]);
    expect(found[0]!.path).toBe("Größe/日本");
  });
});

describe("plots", () => {
  test.each([[1, 1], [2, 2], [3, 5], [6, 10], [11, 20], [21, 50], [99, 100], [1001, 2000]])("an axis for %i ends at %i", (value, end) => {
    expect(roundedUp(value)).toBe(end);
  });

  test("a bar stands on the one below it, and nothing is drawn of none", () => {
    const values: Record<string, number[]> = { a: [3, 0], b: [2, 0] };
    const drawn = plot({ days: ["2026-01-01", "2026-01-02"], kinds: [{ key: "a", name: "A" }, { key: "b", name: "B" }], value: (key, place) => values[key]![place]!, day: (iso) => iso, said: "said" });
    const bars = [...drawn.querySelectorAll("svg.plot rect")];
    expect(bars).toHaveLength(2);
    const edge = (one: Element, name: string) => Number(one.getAttribute(name));
    expect(edge(bars[1]!, "y") + edge(bars[1]!, "height")).toBeCloseTo(edge(bars[0]!, "y"));
    expect(edge(bars[0]!, "height") / edge(bars[1]!, "height")).toBeCloseTo(1.5);
    expect(drawn.querySelector("svg.plot")!.getAttribute("aria-label")).toBe("said");
  });
});

describe("words by number", () => {
  test.each(["en", ...CODES])("the chat says nothing like '1 of 1 quotes' in %s", (code) => {
    const strings = chat(code);
    for (const name of ["checkedAll", "checkedSome", "saidSources", "documents"]) {
      const said = [0, 1, 2, 3, 5, 11, 100].map((n) => counted({ code }, strings[name]!, n, { k: n - 1 }));
      for (const one of said) expect(one).not.toMatch(/[{}|=]/);
      const [, one, two] = said;
      if (code !== "ja") expect(one!.replaceAll("1", "2")).not.toBe(two);
    }
    expect(counted({ code }, strings["checkedAll"]!, 1)).not.toMatch(/1.*1/);
  });

  test("every category that a language has is said, or the last form stands for it", () => {
    expect(counted({ code: "ar" }, chat("ar")["documents"]!, 2)).toBe("وثيقتان");
    expect(counted({ code: "ar" }, chat("ar")["documents"]!, 11)).toBe("11 وثيقة");
    expect(counted({ code: "en" }, "{n} things of mine", 1)).toBe("1 things of mine"); // a page's own words without forms
  });
});

describe("languages of the admin page", () => {
  test.each(CODES)("%s says all that English says, with the same places to fill in", (code) => {
    const strings = stringsOf("admin", code);
    expect(Object.keys(strings)).toEqual(Object.keys(adminEn));
    for (const [name, text] of Object.entries(adminEn)) expect([name, places(strings[name]!)]).toEqual([name, places(text)]);
    for (const name of ["stages", "reasons", "outcomes", "ratings"] as const) expect(keys(strings[name]!)).toEqual(keys(adminEn[name]));
  });

  test("the reader's own variety writes the dates", () => {
    expect(admin(["tlh", "de-AT", "en"])).toMatchObject({ code: "de", locale: "de-AT", direction: "ltr" });
    expect(admin(["ar-EG"])).toMatchObject({ code: "ar", direction: "rtl" });
    expect(admin(["tlh"])).toMatchObject({ code: "en" });
    expect(named("a=one|b=two", "b")).toBe("two");
    expect(named("a=one|b=two", "c")).toBe("c");
  });
});
