// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { KEYS, setSingleKeys, singleKeys } from "./keys.js";
import { make } from "./make.js";

/** The keys, and the switch that turns single ones off. */
export class HelpDialog extends HTMLElement {
  #switch = make("input", { type: "checkbox" });
  #dialog = makeDialog(
    "Keys",
    make(
      "dl",
      { class: "key-list" },
      ...KEYS.map(([, caps, words]) =>
        make(
          "div",
          {},
          make("dt", {}, words),
          make("dd", {}, ...caps.map((cap) => make("kbd", {}, cap))),
        ),
      ),
    ),
    make(
      "label",
      { class: "switch" },
      this.#switch,
      make("span", {}, "Single-key shortcuts"),
      make("span", { class: "quiet" }, "Off: hold Alt with the key, or use the buttons."),
    ),
  );

  connectedCallback() {
    this.append(this.#dialog);
    this.#switch.addEventListener("change", () => setSingleKeys(this.#switch.checked));
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "?" && !event.repeat) leave(this.#dialog, "");
    });
  }

  ask() {
    this.#switch.checked = singleKeys();
    return asked(this.#dialog);
  }
}

customElements.define("help-dialog", HelpDialog);
