// The store: one conversation with its turns, and what can be done with it. Views listen; nothing here draws.

import type { Api } from "./api";
import { Problem } from "./api";
import type { Conversation, StoredMessage } from "./events";
import { follow } from "./follow";
import { Turn } from "./turn";

export interface Memory {
  read(): string;
  write(id: string): void;
}

export interface Listener {
  turnAdded(turn: Turn): void;
  turnChanged(turn: Turn): void;
  /** A turn that ran here has come to its end, whichever. */
  turnEnded(turn: Turn): void;
  /** Another conversation, or none: all turns have gone. */
  cleared(): void;
  runningChanged(): void;
}

interface Running {
  readonly turn: Turn;
  readonly abort: AbortController;
}

export class Chat {
  turns: Turn[] = [];
  running: Running | null = null;
  collection = "";
  /** Who is to answer; empty: as the service is set up. */
  model = "";
  listener: Listener | null = null;
  /** Counts what the reader did last: what was asked for before it comes too late. */
  private step = 0;

  constructor(
    readonly api: Api,
    private readonly memory: Memory,
  ) {}

  get id(): string {
    return this.memory.read();
  }

  /** Ask; false when something else is being answered or there is nothing to ask. Failures are the turn's. */
  async ask(question: string): Promise<boolean> {
    if (this.running || !question.trim()) return false;
    this.step += 1;
    const turn = this.add(question);
    const body = {
      message: question,
      ...(this.id && { conversation_id: this.id }),
      ...(this.collection && { collection: this.collection }),
      ...(this.model && { model: this.model }),
    };
    const key = [...crypto.getRandomValues(new Uint32Array(4))].map((one) => one.toString(36)).join("");
    await this.run(turn, (signal) => this.api.post("/v1/chat/stream", body, signal, key));
    return true;
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    const { turn, abort } = this.running;
    if (!turn.id) return abort.abort();
    await this.api.post(`/v1/messages/${turn.id}/stop`, {}).catch(() => abort.abort());
  }

  async rate(turn: Turn, rating: "up" | "down" | null, comment = ""): Promise<void> {
    await this.api.post(`/v1/messages/${turn.id}/feedback`, { rating, comment });
    turn.rating = rating;
    turn.comment = comment;
    this.listener?.turnChanged(turn);
  }

  /** Begin anew; what runs is stopped. */
  forget(): void {
    this.step += 1;
    void this.stop();
    this.running?.abort.abort();
    this.memory.write("");
    this.turns = [];
    this.listener?.cleared();
  }

  /** Show a stored conversation, by default the one that was open here; whether it had messages. */
  async open(id = this.id): Promise<boolean> {
    if (!id) return false;
    const step = ++this.step;
    let found: { messages: StoredMessage[]; conversation: Conversation };
    try {
      found = await this.api.json(`/v1/conversations/${encodeURIComponent(id)}`);
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 404 && id === this.id) this.memory.write("");
      return false;
    }
    if (step !== this.step) return this.turns.length > 0;
    this.running?.abort.abort();
    this.turns = [];
    this.listener?.cleared();
    this.memory.write(id);
    let question = "";
    for (const message of found.messages) {
      if (message.role === "user") question = message.content;
      else this.show(question, message);
    }
    return found.messages.length > 0;
  }

  private show(question: string, message: StoredMessage): void {
    const turn = this.add(question);
    turn.id = message.id;
    if (message.status !== "streaming") turn.restore(message);
    else void this.run(turn, (signal) => this.api.request(`/v1/messages/${message.id}/events?after=-1`, { signal }));
  }

  private add(question: string): Turn {
    const turn = new Turn(question, (changed) => {
      if (!this.turns.includes(changed)) return; // of a conversation that was left
      if (changed.conversation) this.memory.write(changed.conversation);
      this.listener?.turnChanged(changed);
    });
    this.turns.push(turn);
    this.listener?.turnAdded(turn);
    return turn;
  }

  private async run(turn: Turn, open: (signal: AbortSignal) => Promise<Response>): Promise<void> {
    const abort = new AbortController();
    this.running = { turn, abort };
    this.listener?.runningChanged();
    try {
      await follow(this.api, turn, () => open(abort.signal), abort.signal);
    } catch (failure) {
      if (abort.signal.aborted) turn.stopped();
      else turn.fail(failure);
    } finally {
      if (this.running?.turn === turn) this.running = null;
      this.listener?.runningChanged();
      if (this.turns.includes(turn)) this.listener?.turnEnded(turn);
    }
  }
}
