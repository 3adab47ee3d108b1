// The box that questions are written in. Enter sends, Shift+Enter starts a line, a running answer turns send into stop.

import type { Strings } from "../languages/en";
import { icon, make } from "./dom";

export class Composer {
  readonly node: HTMLFormElement;
  readonly box: HTMLTextAreaElement;
  private readonly send: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private running = false;

  constructor(
    strings: Strings,
    placeholder: string,
    private readonly ask: (question: string) => void,
    stop: () => void,
  ) {
    this.box = make("textarea", { id: "question", rows: "1", maxlength: "8000", "aria-label": strings.question, placeholder: placeholder || strings.placeholder, enterkeyhint: "send", dir: "auto", "aria-describedby": "keys" }) as HTMLTextAreaElement;
    this.send = make("button", { type: "submit", class: "send", part: "send", "aria-label": strings.send, disabled: true }, icon("send")) as HTMLButtonElement;
    this.stop = make("button", { type: "button", class: "send stop", "aria-label": strings.stop, hidden: true, click: stop }, icon("stop")) as HTMLButtonElement;
    const field = make("div", { class: "field", part: "field" }, this.box, this.send, this.stop);
    this.node = make("form", { class: "composer", part: "composer" }, field, make("p", { class: "keys", id: "keys" }, strings.keys)) as HTMLFormElement;
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.box.addEventListener("input", () => this.grow());
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
  }

  set isRunning(running: boolean) {
    const hadFocus = this.node.matches(":focus-within");
    this.running = running;
    this.stop.hidden = !running;
    this.send.hidden = running;
    this.grow();
    if (hadFocus && !this.node.matches(":focus-within")) this.box.focus();
  }

  put(question: string): void {
    this.box.value = question;
    this.grow();
    this.box.focus();
  }

  private submit(): void {
    const question = this.box.value.trim();
    if (!question || this.running) return;
    this.box.value = "";
    this.grow();
    this.ask(question);
  }

  private grow(): void {
    this.send.disabled = this.running || !this.box.value.trim();
    this.box.rows = Math.min(8, this.box.value.split("\n").length);
    while (this.box.rows < 8 && this.box.scrollHeight > this.box.clientHeight + 2) this.box.rows += 1;
  }
}
