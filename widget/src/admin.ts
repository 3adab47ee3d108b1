// The admin page: a script of its own, which neither the chat page nor anybody else's page loads.

import { Page } from "./admin/page";
import { admin } from "./languages/admin/languages";
import page from "./styles/admin.css?inline";
import { sheetOf, sheets } from "./styles/sheets";

class RagchatAdmin extends HTMLElement {
  connectedCallback(): void {
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [...sheets(), sheetOf(page)];
    const spoken = admin(navigator.languages);
    document.documentElement.lang = spoken.code;
    const built = new Page(spoken);
    shadow.append(built.node);
    void built.begin();
  }
}

customElements.define("ragchat-admin", RagchatAdmin);
