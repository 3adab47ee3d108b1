// What every part of the view is given: the service, the words of the language, and what can be done from anywhere.

import type { Api } from "../core/api";
import type { Chat } from "../core/conversation";
import type { Citation, Source } from "../core/events";
import type { Tongue } from "../languages/languages";

/** A place in a document: what a click on a source opens. */
export interface Place {
  readonly document: string;
  readonly start: number;
  readonly end: number;
  readonly page: number | null;
  readonly quote: string;
  readonly version: string;
  /** False for words that were not found to support anything: they are shown, but not marked as proof. */
  readonly verified: boolean;
  readonly collection: string;
}

export interface Scene {
  readonly api: Api;
  readonly chat: Chat;
  readonly tongue: Tongue;
  /** Where a refusal sends people: an address or an e-mail; empty for nowhere. */
  readonly support: string;
  /** The service's own page, which has an address that can be shared and a search. */
  readonly own: boolean;
  /** Tells it to those who listen instead of looking. */
  say(text: string): void;
  emit(name: "answer" | "refusal" | "feedback" | "error", detail: Readonly<Record<string, unknown>>): void;
  openDocument(place: Place): void;
  /** Puts a question into the box, to be changed there. */
  edit(question: string): void;
  ask(question: string): void;
  search(words: string): void;
}

export function placeOfCitation(citation: Citation, collection: string): Place {
  const { document, span } = citation;
  const named = /[?&]collection=([^&#]+)/.exec(citation.url)?.[1];
  return {
    document: document.id,
    start: span.start,
    end: span.end,
    page: span.page,
    quote: citation.quote,
    version: document.version,
    verified: citation.verified,
    collection: named ? decodeURIComponent(named) : collection,
  };
}

export function placeOfSource(source: Source, collection: string): Place {
  const { document_id, start, end, page } = source;
  return { document: document_id, start, end, page, quote: "", version: "", verified: false, collection };
}
