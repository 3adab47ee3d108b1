// An answer is followed to its end over connections that break, from a real server that breaks them.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Api, Problem } from "../src/core/api";
import { ConnectionLost, follow } from "../src/core/follow";
import { Turn } from "../src/core/turn";
import { EVENTS, frames } from "./streams";

let server: Server | undefined;
afterEach(() => new Promise<void>((closed) => (server ? server.close(() => closed()) : closed())));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(...answers: Answer[]): Promise<{ api: Api; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    (answers.shift() ?? ((_, late) => late.writeHead(500).end()))(request, response);
  });
  await new Promise<void>((ready) => server!.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const api = new Api(`http://127.0.0.1:${port}`, { site: "", key: () => "", session: { read: () => "", write: () => undefined } });
  return { api, asked };
}

const events = (from: number, to: number, end: boolean): Answer => (_, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(frames(EVENTS.slice(from, to)), () => (end ? response.end() : response.destroy()));
};

const asking = (api: Api) => () => api.post("/v1/chat/stream", { message: "?" });

it("takes a dropped stream up after the last event seen, and asks once", async () => {
  const { api, asked } = await serve(events(0, 4, false), events(4, 6, true));
  const turn = new Turn("?", () => undefined);
  await follow(api, turn, asking(api));
  expect(turn.text).toBe("Grüße 🦊 line\nbreak");
  expect(turn.outcome).toBe("answered");
  expect(asked).toEqual(["/v1/chat/stream", "/v1/messages/m1/events?after=3"]);
});

it("passes over events that come twice", async () => {
  const { api } = await serve(events(0, 4, false), events(2, 6, true));
  const turn = new Turn("?", () => undefined);
  await follow(api, turn, asking(api));
  expect(turn.text).toBe("Grüße 🦊 line\nbreak");
});

it("goes on trying through a restart of the server", async () => {
  const busy: Answer = (_, response) => response.writeHead(503).end();
  const { api } = await serve(events(0, 4, true), busy, events(4, 6, true));
  const turn = new Turn("?", () => undefined);
  await follow(api, turn, asking(api));
  expect(turn.outcome).toBe("answered");
});

it("reads the stored message when no event is left", async () => {
  const gone: Answer = (_, response) => response.writeHead(204).end();
  const stored: Answer = (_, response) => response.end(JSON.stringify({ id: "m1", conversation_id: "c1", content: "All.", sources: [], citations: [], refusal: null, finish: "answered", model: "", timings: {}, feedback: null, status: "complete" }));
  const { api } = await serve(events(0, 3, false), gone, stored);
  const turn = new Turn("?", () => undefined);
  await follow(api, turn, asking(api));
  expect(turn.text).toBe("All.");
});

it("sends the same request under the same key when the connection was lost before the answer had a name", async () => {
  const keys: unknown[] = [];
  const noted = (answer: Answer): Answer => (request, response) => {
    keys.push(request.headers["idempotency-key"]);
    answer(request, response);
  };
  const cut: Answer = (request) => request.destroy();
  const { api } = await serve(noted(cut), noted(events(0, 0, false)), noted(events(0, 6, true)));
  const turn = new Turn("?", () => undefined);
  await follow(api, turn, () => api.post("/v1/chat/stream", { message: "?" }, undefined, "k1"));
  expect(keys).toEqual(["k1", "k1", "k1"]);
  expect(turn.outcome).toBe("answered");
});

it("says so at once when the service refuses a question", async () => {
  const refused: Answer = (_, response) => response.writeHead(503).end("{}");
  const { api, asked } = await serve(refused);
  await expect(follow(api, new Turn("?", () => undefined), asking(api))).rejects.toBeInstanceOf(Problem);
  expect(asked).toHaveLength(1);
});

it("gives up at once when the answer is not there any more", async () => {
  const missing: Answer = (_, response) => response.writeHead(404).end(JSON.stringify({ code: "message_not_found" }));
  const { api } = await serve(events(0, 4, false), missing);
  await expect(follow(api, new Turn("?", () => undefined), asking(api))).rejects.toBeInstanceOf(Problem);
});

it("tells the words of a problem", async () => {
  const problem: Answer = (_, response) => response.writeHead(503).end(JSON.stringify({ code: "no_index", detail: "No index.", hint: "Ingest." }));
  const { api } = await serve(problem);
  const turn = new Turn("?", () => undefined);
  await follow(api, turn, asking(api)).catch((failure: unknown) => turn.fail(failure));
  expect(turn.failure).toEqual({ code: "no_index", message: "No index.", hint: "Ingest." });
  expect(turn.outcome).toBe("error");
  turn.fail(new ConnectionLost());
  expect(turn.failure?.code).toBe("connection_lost");
});

it("renews a token that is not good any more, once", async () => {
  const refused: Answer = (_, response) => response.writeHead(401).end("{}");
  const issued = (token: string): Answer => (_, response) => response.end(JSON.stringify({ token, session: "s1", expires_in: 900 }));
  let shown: string | undefined;
  const served: Answer = (request, response) => {
    shown = request.headers.authorization;
    response.end("{}");
  };
  const { api: open } = await serve(issued("rcw_old"), refused, issued("rcw_new"), served);
  let session = "";
  const api = new Api(open.base, { site: "shop", key: () => "", session: { read: () => session, write: (id) => (session = id) } });
  await api.json("/v1/suggestions");
  expect(shown).toBe("Bearer rcw_new");
  expect(session).toBe("s1");
});
