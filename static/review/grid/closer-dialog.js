// @ts-check
import { asked, leave, makeDialog } from "../dialog.js";
import { isolated, make } from "../make.js";
import { drawerOf } from "../types/registry.js";

/** @typedef {import("../payload.js").Example} Example */

/** One tile, as large as the screen lets it be. */
export class CloserDialog extends HTMLElement {
  #shown = make("div", { class: "closer" });
  #dialog = makeDialog("Look closer", this.#shown);

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== " ") return;
      event.preventDefault();
      leave(this.#dialog, "");
    });
  }

  /** @param {Example} example */
  ask({ key, content }) {
    const name = make("p", { class: "mono small quiet" }, isolated(key));
    this.#shown.replaceChildren(name, drawerOf(content).large(content));
    return asked(this.#dialog);
  }
}

customElements.define("closer-dialog", CloserDialog);
