// What can be done with an answer that has ended: copy it, share it, ask again, say whether it helped.

import type { Turn } from "../core/turn";
import { fill } from "../languages/languages";
import { withSources } from "./copying";
import { iconButton, make } from "./dom";
import type { Scene } from "./scene";

export function actions(scene: Scene, turn: Turn): HTMLElement {
  const { strings } = scene.tongue;
  const model = turn.model === "extractive" ? strings.extractive : turn.model && fill(strings.answeredBy, { model: turn.model });
  const seconds = turn.milliseconds ? (turn.milliseconds < 1000 ? `${Math.max(1, Math.round(turn.milliseconds))} ms` : `${(turn.milliseconds / 1000).toFixed(1)} s`) : "";
  const line = make("div", { class: "after" }, make("span", {}, [model, seconds].filter(Boolean).join(" · ")));
  const buttons = [iconButton("copy", strings.copy, { click: () => void copy(scene, withSources(turn, strings)) })];
  if (scene.own) buttons.push(iconButton("link", strings.share, { click: () => void copy(scene, addressOf(turn)) }));
  buttons.push(iconButton("again", strings.again, { click: () => scene.ask(turn.question) }), ...thumbs(scene, turn, line));
  line.append(make("span", { class: "acts" }, ...buttons));
  return line;
}

/** The address at which the service's own page shows this answer, to whoever may read it. */
export function addressOf(turn: Turn): string {
  const address = new URL(location.href);
  address.pathname = "/";
  address.hash = `answer=${encodeURIComponent(turn.conversation ?? "")}/${encodeURIComponent(turn.id ?? "")}`;
  return address.href;
}

async function copy(scene: Scene, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    scene.say(scene.tongue.strings.copied);
  } catch {
    scene.say(scene.tongue.strings.errorTitle);
  }
}

function thumbs(scene: Scene, turn: Turn, line: HTMLElement): HTMLButtonElement[] {
  const { strings } = scene.tongue;
  const thumb = (rating: "up" | "down") =>
    iconButton(
      "up",
      rating === "up" ? strings.helped : strings.didNotHelp,
      { class: `icon ${rating}`, "aria-pressed": String(turn.rating === rating), click: () => void rate(scene, turn, turn.rating === rating ? null : rating) },
      rating === "down",
    );
  if (turn.rating && !turn.comment) line.append(commentForm(scene, turn));
  return [thumb("up"), thumb("down")];
}

async function rate(scene: Scene, turn: Turn, rating: "up" | "down" | null, comment = ""): Promise<void> {
  try {
    await scene.chat.rate(turn, rating, comment);
    scene.say(rating ? scene.tongue.strings.thanks : "");
    scene.emit("feedback", { messageId: turn.id, rating, comment });
  } catch {
    scene.say(scene.tongue.strings.feedbackFailed);
  }
}

function commentForm(scene: Scene, turn: Turn): HTMLElement {
  const { strings } = scene.tongue;
  const box = make("textarea", { rows: "2", maxlength: "2000", "aria-label": strings.comment, placeholder: strings.comment, dir: "auto" }) as HTMLTextAreaElement;
  const form = make("form", { class: "comment" }, box, make("button", { type: "submit", class: "act" }, strings.sendComment));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!box.value.trim()) return;
    void rate(scene, turn, turn.rating, box.value.trim()).then(() => form.remove());
  });
  return form;
}
