// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { make } from "./make.js";
import { setSingleKeys, singleKeys } from "./single-keys.js";

/** A list of keys, and the switch that turns single ones off. */
export class KeyListDialog extends HTMLElement {
  #switch = make("input", { type: "checkbox" });
  #list = make("dl", { class: "key-list" });

  /** @param {(event: KeyboardEvent) => boolean} closes whether a key does
   * @param {string} off what to do without single keys @param {...Node} more beside the switch */
  constructor(closes, off, ...more) {
    super();
    this.closes = closes;
    const label = make("label", {}, this.#switch, make("span", {}, "Single-key shortcuts"));
    const words = make("span", { class: "quiet" }, off);
    this.dialog = makeDialog("Keys", this.#list, make("div", { class: "switch" }, label, ...more, words));
  }

  connectedCallback() {
    this.append(this.dialog);
    this.#switch.addEventListener("change", () => setSingleKeys(this.#switch.checked));
    this.dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (this.closes(event)) leave(this.dialog, "");
    });
  }

  /** @param {HTMLElement[]} rows */
  show(rows) {
    this.#switch.checked = singleKeys();
    this.#list.replaceChildren(...rows);
    return asked(this.dialog);
  }
}

/** @param {string} words @param {...string} caps */
export function makeRow(words, ...caps) {
  return make("div", {}, make("dt", {}, words), make("dd", {}, ...caps.map((cap) => make("kbd", {}, cap))));
}
