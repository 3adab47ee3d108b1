// Event streams as a service sends them, cut wherever a network may cut them.

export const EVENTS = [
  { seq: 0, type: "start", message_id: "m1", conversation_id: "c1", model: "scripted", generation: 1 },
  { seq: 1, type: "step", name: "search", state: "started", detail: "" },
  { seq: 2, type: "sources", sources: [] },
  { seq: 3, type: "token", token: "Grüße 🦊 " },
  { seq: 4, type: "token", token: "line\nbreak" },
  { seq: 5, type: "done", done: true, finish: "answered", response: "Grüße 🦊 line\nbreak", citations: [], grounded: null, refusal: null, usage: { input_tokens: 0, output_tokens: 0 }, timings: {} },
];

export function frames(events: readonly object[], newline = "\n"): string {
  return events
    .map((event) => [`id: ${(event as { seq: number }).seq}`, `event: ${(event as { type: string }).type}`, `data: ${JSON.stringify(event)}`, "", ""].join(newline))
    .join("");
}

/** A response whose body comes in pieces of `size` bytes, with empty ones in between. */
export function pieces(text: string, size: number): Response {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.slice(at, at + size));
        controller.enqueue(new Uint8Array());
      }
      controller.close();
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}
