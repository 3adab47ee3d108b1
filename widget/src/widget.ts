// The one script that others embed: defines the element, and puts a widget into the corner of the page that names the
// script in one line. `data-embed="manual"` leaves that to the page.

import { RagchatWidget } from "./element";

const script = document.currentScript;

if (!customElements.get("ragchat-widget")) customElements.define("ragchat-widget", RagchatWidget);

function embed(): void {
  const widget = document.createElement("ragchat-widget");
  for (const { name, value } of script!.attributes) if (name.startsWith("data-")) widget.setAttribute(name, value);
  document.body.append(widget);
}

if (script && script.dataset["embed"] !== "manual") {
  if (document.body) embed();
  else addEventListener("DOMContentLoaded", embed, { once: true });
}
