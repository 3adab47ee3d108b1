// The service's own pages: the chat with what stands beside it, and the source viewer. All languages are in the script.

import { RagchatDocument } from "./document";
import { pageKey, RagchatWidget } from "./element";
import { slot } from "./core/memory";
import ar from "./languages/ar.json";
import de from "./languages/de.json";
import es from "./languages/es.json";
import fr from "./languages/fr.json";
import ja from "./languages/ja.json";
import { teach } from "./languages/languages";
import type { Strings } from "./languages/en";
import page from "./styles/page.css?inline";
import { sheetOf } from "./styles/sheets";
import type { Panel } from "./view/panel";
import { Rail } from "./view/rail";

const LANGUAGES: Readonly<Record<string, Strings>> = { ar, de, es, fr, ja };
for (const [code, strings] of Object.entries(LANGUAGES)) teach(code, strings);

RagchatWidget.furnish = (panel: Panel, root: HTMLElement) => {
  (root.getRootNode() as ShadowRoot).adoptedStyleSheets.push(sheetOf(page));
  const theme = slot("theme");
  if (theme.read()) root.dataset["theme"] = theme.read();
  const rail = new Rail(panel, pageKey, () => {
    const shown = root.dataset["theme"];
    const dark = shown === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : shown === "dark";
    root.dataset["theme"] = dark ? "light" : "dark";
    theme.write(root.dataset["theme"]);
  });
  void rail.begin();
  return rail;
};

// `/?collection=…` asks another collection than the service's own.
const collection = new URLSearchParams(location.search).get("collection");
if (collection) document.querySelector("ragchat-widget")?.setAttribute("data-collection", collection);

customElements.define("ragchat-widget", RagchatWidget);
customElements.define("ragchat-document", RagchatDocument);
