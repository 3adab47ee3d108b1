// A conversation that comes late is not shown over what the reader did meanwhile.

import { describe, expect, it } from "vitest";

import type { Api } from "../src/core/api";
import { Chat } from "../src/core/conversation";

const stored = (id: string) => ({
  conversation: { id },
  messages: [
    { id: "m1", role: "user", content: "How?", status: "answered" },
    { id: "m2", role: "assistant", content: "So.", status: "answered", sources: [], citations: [], timings: {}, finish: "answered", conversation_id: id },
  ],
});

const late = () => {
  const waiting: (() => void)[] = [];
  const api = {
    json: (path: string) => new Promise((arrive) => waiting.push(() => arrive(stored(path.split("/").at(-1)!)))),
    post: () => new Promise(() => undefined),
  } as unknown as Api;
  let kept = "c1";
  const chat = new Chat(api, { read: () => kept, write: (id) => (kept = id) });
  return { chat, arrive: (number: number) => waiting[number]!() };
};

describe("opening a stored conversation", () => {
  it("shows it", async () => {
    const { chat, arrive } = late();
    const opening = chat.open();
    arrive(0);
    expect(await opening).toBe(true);
    expect(chat.turns.map((turn) => turn.question)).toEqual(["How?"]);
  });

  it("does not bring back what was left for a new one", async () => {
    const { chat, arrive } = late();
    const opening = chat.open();
    chat.forget();
    arrive(0);
    expect(await opening).toBe(false);
    expect(chat.turns).toEqual([]);
    expect(chat.id).toBe("");
  });

  it("does not replace a question that was asked meanwhile", async () => {
    const { chat, arrive } = late();
    const opening = chat.open();
    void chat.ask("And this?");
    arrive(0);
    await opening;
    expect(chat.turns.map((turn) => turn.question)).toEqual(["And this?"]);
  });

  it("shows the one that was chosen last, in whatever order they come", async () => {
    const { chat, arrive } = late();
    const [first, second] = [chat.open("c1"), chat.open("c2")];
    arrive(1);
    arrive(0);
    await Promise.all([first, second]);
    expect(chat.id).toBe("c2");
    expect(chat.turns).toHaveLength(1);
  });
});
