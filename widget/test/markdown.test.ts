// Answers on the page: nothing of the text is lost, nothing of it becomes markup, and marks stand behind their sentence.

import { describe, expect, it } from "vitest";
import type { Citation } from "../src/core/events";
import { AnswerWords } from "../src/markdown/answer";
import { settled } from "../src/markdown/settle";
import { make } from "../src/view/dom";
import { citing } from "./citing";

function drawn(text: string, citations: readonly Citation[] = [], live = false): HTMLElement {
  const words = new AnswerWords({
    marks: (group) => group.citations.map((one) => make("sup", {}, `[${one.n}]`)),
    stretch: (groups, part) => make("span", { class: groups.some((one) => one.verified) ? "cited" : "cited doubtful" }, part),
  });
  words.draw(text, citations, live);
  return words.node;
}

describe("text", () => {
  it("goes on behind a closing fence", () => {
    const node = drawn("Run:\n\n```sh\nragchat serve\n```\nThen open the page.\n\nDone.");
    expect(node.querySelector("pre")!.textContent).toBe("ragchat serve");
    expect(node.textContent).toContain("Then open the page.");
    expect(node.textContent).toContain("Done.");
  });

  it("keeps items of lists apart, nested ones inside", () => {
    const node = drawn("- one\n- two\n  - three\n    more\n1. first\n2. second");
    expect([...node.querySelectorAll("li")].map((item) => [...item.childNodes].filter((one) => one instanceof Text).map((one) => one.data).join(""))).toEqual(["one", "two", "three\nmore", "first", "second"]);
    expect(node.querySelector("ul ul")).not.toBeNull();
  });

  it("begins numbered lists where they begin", () => {
    expect(drawn("3. three\n4. four").querySelector("ol")!.getAttribute("start")).toBe("3");
  });

  it("draws tables with their header", () => {
    const node = drawn("| a | b |\n|---|--:|\n| 1 | 2 |");
    expect([...node.querySelectorAll("th")].map((cell) => cell.textContent)).toEqual(["a", "b"]);
    expect([...node.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual(["1", "2"]);
  });

  it.each([
    '<img src=x onerror="alert(1)">',
    "<script>alert(1)</script>",
    "a <b onclick=alert(1)>b</b> c",
    "![p](http://evil.example/p.png)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,evil)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<style>*{display:none}</style>",
    "```html\n<img src=x onerror=alert(1)>\n```",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <svg/onload=alert(1)> |",
  ])("never becomes markup: %s", (text) => {
    const node = drawn(text);
    expect(node.querySelectorAll("img, script, style, svg, a, b, iframe")).toHaveLength(0);
    for (const one of node.querySelectorAll("*")) expect([...one.attributes].filter((attribute) => /^on|href|src|style/.test(attribute.name))).toEqual([]);
  });

  it("links to http(s) only, with the host in sight", () => {
    const node = drawn("[our shop](https://shop.example/a?b=1) and https://docs.example/x");
    const [shop, docs] = node.querySelectorAll("a");
    expect(shop!.getAttribute("href")).toBe("https://shop.example/a?b=1");
    expect(shop!.getAttribute("rel")).toContain("noopener");
    expect(node.textContent).toBe("our shop (shop.example) and https://docs.example/x");
    expect(docs!.textContent).toBe("https://docs.example/x");
  });

  it("shows entities as what they stand for", () => {
    expect(drawn("a &lt;b&gt; &amp; c").textContent).toBe("a <b> & c");
  });
});

describe("marks", () => {
  const after = (text: string, words: string, n = 1) => drawn(text, [citing(text, words, n)]);

  it("stand right behind the sentence", () => {
    expect(after("One is here. Two is there.", "One is here.").textContent).toBe("One is here.[1] Two is there.");
  });

  it("count code points, not units", () => {
    expect(after("🦊🦊 fox. Cat.", "🦊🦊 fox.").textContent).toBe("🦊🦊 fox.[1] Cat.");
  });

  it("stand behind formatted words, in items, rows and headings", () => {
    expect(after("It is **very hot.** Yes.", "It is **very hot.**").querySelector("p")!.textContent).toBe("It is very hot.[1] Yes.");
    expect(after("- one\n- two", "one").querySelectorAll("li")[0]!.textContent).toBe("one[1]");
    expect(after("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", "| 1 | 2 |").querySelectorAll("tr")[1]!.textContent).toBe("12[1]");
    expect(after("## Head\n\ntext", "## Head").querySelector("h4")!.textContent).toBe("Head[1]");
  });

  it("stand behind a code block that is cited whole", () => {
    const text = "Run:\n\n```\nragchat serve\n```\n\nEnd.";
    expect(after(text, "```\nragchat serve\n```").textContent).toContain("ragchat serve[1]");
  });

  it("stand at the end of a list that is cited whole, and light all of it", () => {
    const text = "1. first\n2. second\n\nEnd.";
    const node = after(text, "1. first\n2. second");
    expect(node.querySelectorAll("li")[1]!.textContent).toBe("second[1]");
    expect([...node.querySelectorAll(".cited")].map((one) => one.textContent)).toEqual(["first", "second"]);
  });

  it("are never lost, whatever the span", () => {
    const text = "A list:\n\n- *one* `two`\n- [three](https://x.example)\n\n> quote\n\n| a |\n|---|\n| b |\n\n```\ncode\n```";
    for (let start = 0; start < text.length; start += 4) {
      for (let end = start + 1; end <= text.length; end += 7) {
        const citation = { ...citing(text, "A"), answer_span: { start, end } };
        expect(drawn(text, [citation]).querySelectorAll("sup"), `${start}-${end}`).toHaveLength(1);
      }
    }
  });

  it("of an unverified sentence do not look like proof", () => {
    const text = "Perhaps so.";
    expect(drawn(text, [citing(text, text, 1, false)]).querySelector(".cited")!.className).toBe("cited doubtful");
  });
});

describe("streaming", () => {
  const ANSWER = "# Head\n\nSome **bold** and `code` and [a link](https://x.example).\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\nAfter *all*.";

  it("keeps what was drawn: a block that has not changed is the same node", () => {
    const words = new AnswerWords({ marks: () => [], stretch: (_, part) => document.createTextNode(part) });
    words.draw("First.\n\nSec", [], true);
    const first = words.node.firstChild;
    words.draw("First.\n\nSecond **bo", [], true);
    expect(words.node.firstChild).toBe(first);
    expect(words.node.lastChild!.textContent).toBe("Second bo");
  });

  it("never shows a sign that turns into something else later", () => {
    for (let length = 1; length <= ANSWER.length; length += 1) {
      const shown = drawn(ANSWER.slice(0, length), [], true).textContent!;
      expect(shown, ANSWER.slice(0, length)).not.toMatch(/[*`|#[\]]/);
    }
  });

  it("ends as the whole text would be drawn at once", () => {
    const words = new AnswerWords({ marks: () => [], stretch: (_, part) => document.createTextNode(part) });
    for (let length = 1; length <= ANSWER.length; length += 1) words.draw(ANSWER.slice(0, length), [], true);
    words.draw(ANSWER, [], false);
    expect(words.node.childNodes).toEqual(drawn(ANSWER).childNodes);
  });

  it("leaves code as it is", () => {
    expect(settled("```\na **b")).toBe("```\na **b");
  });
});
