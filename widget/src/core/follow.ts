// An answer's events, from the first to the one that ends it, whatever happens to the connection in between.
//
// Bytes become events in eventsource-parser; a dropped connection is taken up again after the last event seen, with
// longer and longer waits. Nothing is asked twice: before the message has an id, the same request is sent again, and its
// `Idempotency-Key` lets the service answer it once.

import { createParser } from "eventsource-parser";
import type { Api } from "./api";
import { Problem } from "./api";
import type { Numbered, StoredMessage } from "./events";

export const BACK_OFF = [200, 400, 800, 1600, 3000, 5000]; // milliseconds before each try to take a stream up again
const KINDS = new Set(["start", "step", "sources", "token", "citation", "done", "error"]);

/** What follows an answer: takes its events, is told of waits, or of the stored message when no event is left. */
export interface Follower {
  readonly id: string | null;
  readonly seq: number;
  take(event: Numbered): void;
  reconnecting(): void;
  restore(message: StoredMessage): void;
}

/** The connection is gone and does not come back. */
export class ConnectionLost extends Error {}

export async function follow(api: Api, follower: Follower, open: () => Promise<Response>, signal?: AbortSignal): Promise<void> {
  let response = await again(follower, signal, open);
  for (;;) {
    if (response.status === 204) {
      follower.restore(await api.json<StoredMessage>(`/v1/messages/${follower.id}`));
      return;
    }
    if (await readThrough(response, follower, signal)) return;
    const { id } = follower;
    response = await again(follower, signal, id ? () => api.request(`/v1/messages/${id}/events?after=${follower.seq}`, signal ? { signal } : {}) : open, true);
  }
}

/** Whether the events of `response` came to their end; false when the connection was lost before it. */
async function readThrough(response: Response, follower: Follower, signal?: AbortSignal): Promise<boolean> {
  try {
    for await (const event of eventsOf(response)) {
      if (event.seq <= follower.seq) continue;
      follower.take(event);
      if (event.type === "done" || event.type === "error") return true;
    }
  } catch (failure) {
    if (signal?.aborted) throw failure;
  }
  return false;
}

/** What `open` gives, tried again while the service cannot be reached; after a wait when the connection was `lost` just now. */
async function again(follower: Follower, signal: AbortSignal | undefined, open: () => Promise<Response>, lost = false): Promise<Response> {
  for (const wait of waits(lost)) {
    if (wait) {
      follower.reconnecting();
      await pause(wait, signal);
    }
    try {
      return await open();
    } catch (failure) {
      if (signal?.aborted) throw failure;
      const passing = !(failure instanceof Problem) || (lost && (failure.status >= 500 || failure.status === 429));
      if (!passing) throw failure;
    }
  }
  throw new ConnectionLost();
}

/** Milliseconds before each try; while the browser says that it has no network there is always another one. */
function* waits(lost: boolean): Generator<number> {
  yield* lost ? BACK_OFF : [0, ...BACK_OFF.slice(0, 3)];
  while (!navigator.onLine) yield BACK_OFF.at(-1)!;
}

/** The events of a response body; what is no event of ours is passed over. */
export async function* eventsOf(response: Response): AsyncGenerator<Numbered> {
  const found: Numbered[] = [];
  const parser = createParser({
    onEvent({ data }) {
      const event = parsed(data);
      if (event) found.push(event);
    },
  });
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* found.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function parsed(data: string): Numbered | null {
  try {
    const event = JSON.parse(data) as Numbered;
    return typeof event === "object" && event !== null && KINDS.has(event.type) ? event : null;
  } catch {
    return null;
  }
}

/** Waits, but no longer than until the browser is online again; the page may also end it. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end, { once: true });
    signal?.addEventListener("abort", end, { once: true });
  });
}
