// One question and its answer: what the events have said so far, and which outcome that is. Knows nothing of drawing.

import { ConnectionLost, type Follower } from "./follow";
import { Problem } from "./api";
import type { Citation, Numbered, Refusal, Source, StoredMessage } from "./events";

/** How an answer ended, for the eye; `live` while it is being made. */
export type Outcome = "live" | "answered" | "nearest" | "refused" | "blocked" | "stopped" | "incomplete" | "error";
export type Waiting = "search" | "rewrite" | "tool" | "read" | "reconnect" | "";

export interface Failure {
  readonly code: string;
  /** The service's own words; empty when the connection was lost. */
  readonly message: string;
  readonly hint: string;
}

export class Turn implements Follower {
  id: string | null = null;
  conversation: string | null = null;
  seq = -1;
  text = "";
  sources: Source[] = [];
  citations: readonly Citation[] = [];
  refusal: Refusal | null = null;
  finish: StoredMessage["finish"] = null;
  failure: Failure | null = null;
  model = "";
  milliseconds = 0;
  waiting: Waiting = "search";
  /** What the service says that it is doing, in its own words. */
  detail = "";
  unsaved = "";
  rating: "up" | "down" | null = null;
  comment = "";

  constructor(
    readonly question: string,
    private readonly changed: (turn: Turn) => void,
  ) {}

  get outcome(): Outcome {
    if (this.failure) return "error";
    if (!this.finish) return "live";
    if (this.refusal?.reason === "nearest") return "nearest";
    return this.finish;
  }

  take(event: Numbered): void {
    this.seq = event.seq;
    switch (event.type) {
      case "start":
        this.id = event.message_id;
        this.conversation = event.conversation_id;
        this.model = event.model;
        break;
      case "step":
        if (event.name === "store") this.unsaved = event.detail;
        else if (event.state === "started") {
          this.waiting = event.name === "rewrite" || event.name === "tool" ? event.name : "search";
          this.detail = event.name === "tool" ? event.detail : "";
        }
        break;
      case "sources":
        this.sources.push(...event.sources);
        this.waiting = "read";
        break;
      case "token":
        this.text += event.token;
        this.waiting = "";
        break;
      case "citation":
        this.citations = [...this.citations, event.citation];
        break;
      case "done":
        this.text = event.response;
        this.citations = event.citations;
        this.refusal = event.refusal;
        this.finish = event.finish;
        this.milliseconds = event.timings["total"] ?? 0;
        break;
      case "error":
        this.failure = { code: event.code, message: event.message, hint: "" };
        break;
    }
    this.changed(this);
  }

  reconnecting(): void {
    this.waiting = "reconnect";
    this.changed(this);
  }

  /** As it was stored: after a reload, or when no event of it is left. */
  restore(message: StoredMessage): void {
    this.id = message.id;
    this.conversation = message.conversation_id;
    this.text = message.content;
    this.sources = [...message.sources];
    this.citations = message.citations;
    this.refusal = message.refusal;
    this.finish = message.finish ?? "incomplete";
    this.model = message.model;
    this.milliseconds = message.timings["total"] ?? 0;
    this.rating = message.feedback?.rating ?? null;
    this.comment = message.feedback?.comment ?? "";
    if (message.status === "failed") this.failure = { code: message.error_code, message: "", hint: "" };
    this.changed(this);
  }

  stopped(): void {
    this.finish = "stopped";
    this.changed(this);
  }

  fail(reason: unknown): void {
    if (reason instanceof Problem) this.failure = { code: reason.code, message: reason.message, hint: reason.hint };
    else if (reason instanceof ConnectionLost || reason instanceof TypeError) this.failure = { code: "connection_lost", message: "", hint: "" };
    else throw reason;
    this.changed(this);
  }
}

/** Numbers for the reader: 1, 2, 3 by first use, whatever numbers the sources had among all that was read. */
export function numbering(citations: readonly Citation[]): Map<number, number> {
  const shown = new Map<number, number>();
  for (const one of [...citations].sort((a, b) => a.answer_span.end - b.answer_span.end)) {
    if (!shown.has(one.n)) shown.set(one.n, shown.size + 1);
  }
  return shown;
}
