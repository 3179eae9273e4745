// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { guidelineParts } from "./guideline.js";
import { idWrittenOut } from "./hidden-characters.js";
import { actionOf } from "./keys.js";
import { isolated, make } from "./make.js";
import { singleKeys } from "./single-keys.js";

/** @typedef {import("./payload.js").Example} Example */

/** Something to read beside the example: its details, or the guideline. */
export class WordsDialog extends HTMLElement {
  #body = make("div", { class: "words", tabindex: "0" });
  #dialog = makeDialog("Details", this.#body);

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.classList.add("drawer");
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (/^(guideline|details)$/.test(actionOf(event, singleKeys()))) leave(this.#dialog, "");
    });
  }

  /** @param {Example} example */
  showDetails({ key, meta = [] }) {
    const rows = [/** @type {[string, string]} */ (["ID", idWrittenOut(key)]), ...meta].map(([name, value]) =>
      make("div", {}, make("dt", {}, isolated(name)), make("dd", { dir: "auto" }, isolated(value))),
    );
    return this.#show("Details", make("dl", { class: "field-list" }, ...rows));
  }

  /** @param {import("./project-words.js").ProjectWords} project @param {Example | null} example */
  showGuideline(project, example) {
    return this.#show("Guideline", ...guidelineParts(project, example));
  }

  /** @param {string} title @param {...(Node | string)} content */
  #show(title, ...content) {
    const heading = this.#dialog.querySelector("h2");
    if (heading) heading.textContent = title;
    this.#dialog.setAttribute("aria-label", title);
    this.#body.replaceChildren(...content);
    return asked(this.#dialog);
  }
}

customElements.define("words-dialog", WordsDialog);
