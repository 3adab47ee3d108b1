// @vitest-environment node
// Events survive whatever a network does to the bytes between them.

import { describe, expect, it } from "vitest";
import { eventsOf } from "../src/core/follow";
import { EVENTS, frames, pieces } from "./streams";

async function read(response: Response): Promise<unknown[]> {
  const found = [];
  for await (const event of eventsOf(response)) found.push(event);
  return found;
}

describe("events of a response", () => {
  it.each([1, 2, 3, 5, 7, 64, 100_000])("are the same in pieces of %i bytes", async (size) => {
    expect(await read(pieces(frames(EVENTS), size))).toEqual(EVENTS);
  });

  it("may have lines that end otherwise", async () => {
    expect(await read(pieces(frames(EVENTS, "\r\n"), 3))).toEqual(EVENTS);
  });

  it("pass over comments, unknown kinds, broken JSON and a half frame at the end", async () => {
    const noise = ': ping\n\ndata: {"type":"later","seq":9}\n\ndata: {broken\n\ndata: null\n\nevent: token\n\n';
    const text = `\ufeff${noise}${frames(EVENTS)}${noise}id: 7\ndata: {"type":"tok`;
    expect(await read(pieces(text, 4))).toEqual(EVENTS);
  });
});
