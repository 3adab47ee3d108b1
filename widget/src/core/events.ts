// The events of an answer and the messages that are kept of them, as the service sends them.
// Written by tools/build_event_types.py from the event schema: change that, then run it.

export interface AnswerSpan {
  readonly start: number;
  readonly end: number;
}

export interface Citation {
  readonly n: number;
  readonly document: CitedDocument;
  readonly span: CitedSpan;
  readonly quote: string;
  readonly quote_sha256: string;
  readonly answer_span: AnswerSpan;
  readonly verified: boolean;
  readonly method: "extractive" | "lexical" | "llm";
  readonly score: number;
  readonly url: string;
  readonly key_span: QuoteSpan | null;
}

export interface Cited {
  readonly citation: Citation;
  readonly type: "citation";
}

export interface CitedDocument {
  readonly id: string;
  readonly title: string;
  readonly uri: string;
  readonly version: string;
  readonly media_type: string;
}

export interface CitedSpan {
  readonly start: number;
  readonly end: number;
  readonly page: number | null;
  readonly heading_path: readonly string[];
}

export interface Conversation {
  readonly id: string;
  readonly title: string;
  readonly user_id: string | null;
  readonly created: string;
  readonly updated: string;
  readonly message_count: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly system_prompt: string;
  readonly preferences: Readonly<Record<string, string>>;
}

export interface Done {
  readonly finish: "answered" | "refused" | "blocked" | "stopped" | "incomplete";
  readonly response: string;
  readonly citations: readonly Citation[];
  readonly grounded: number | null;
  readonly refusal: Refusal | null;
  readonly usage: Usage;
  readonly timings: Readonly<Record<string, number>>;
  readonly conversation_id: string;
  readonly done: true;
  readonly type: "done";
}

export interface Error {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly type: "error";
}

export interface Feedback {
  readonly rating: "up" | "down";
  readonly comment: string;
}

export interface QuoteSpan {
  readonly start: number;
  readonly end: number;
}

export interface Refusal {
  readonly reason: "no_match" | "low_support" | "nearest" | "ambiguous" | "blocked" | "aggregate";
  readonly message: string;
  readonly nearest: readonly Source[];
  readonly missing: readonly string[];
  readonly quotes: readonly Citation[];
  readonly next: string;
}

export interface Source {
  readonly n: number;
  readonly document_id: string;
  readonly chunk_id: number;
  readonly title: string;
  readonly uri: string;
  readonly page: number | null;
  readonly heading_path: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly score: number;
}

export interface Sources {
  readonly sources: readonly Source[];
  readonly type: "sources";
}

export interface Start {
  readonly message_id: string;
  readonly conversation_id: string;
  readonly model: string;
  readonly generation: number;
  readonly type: "start";
}

export interface Step {
  readonly name: string;
  readonly state: "started" | "finished";
  readonly detail: string;
  readonly type: "step";
}

export interface StoredMessage {
  readonly id: string;
  readonly conversation_id: string;
  readonly position: number;
  readonly role: "user" | "assistant";
  readonly status: "complete" | "streaming" | "partial" | "failed";
  readonly content: string;
  readonly created: string;
  readonly sources: readonly Source[];
  readonly citations: readonly Citation[];
  readonly finish: "answered" | "refused" | "blocked" | "stopped" | "incomplete" | null;
  readonly refusal: Refusal | null;
  readonly grounded: number | null;
  readonly model: string;
  readonly generation: number | null;
  readonly usage: Usage;
  readonly timings: Readonly<Record<string, number>>;
  readonly error_code: string;
  readonly feedback: Feedback | null;
}

export interface Token {
  readonly token: string;
  readonly type: "token";
}

export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
}

export type Event = Start | Step | Sources | Token | Cited | Done | Error;

export type Numbered = Event & { readonly seq: number };
