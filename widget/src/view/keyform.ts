// The form that asks for a key, on the service's own pages: what is typed is kept as long as the tab.

import type { Slot } from "../core/memory";
import type { Strings } from "../languages/en";
import { make } from "./dom";

/** Writes the key and calls `entered`; `why` is said above the box. */
export function keyForm(strings: Strings, key: Slot, why: string, entered: () => void): HTMLElement {
  const box = make("input", { type: "password", "aria-label": strings.key, autocomplete: "off", required: true }) as HTMLInputElement;
  const form = make("form", { class: "key" }, make("p", { role: "alert", dir: "auto" }, why), box, make("button", { type: "submit", class: "act" }, strings.enter));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    key.write(box.value.trim());
    entered();
  });
  return form;
}
