// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { actionOf } from "./keys.js";
import { make } from "./make.js";
import { REASONS } from "./payload.js";
import { singleKeys } from "./single-keys.js";

/** Remove, and why: one more key from 1 to 6. */
export class RemoveMenu extends HTMLElement {
  #dialog = makeDialog(
    "Remove because…",
    make(
      "div",
      { class: "reasons" },
      ...REASONS.map(([word, text], place) =>
        make(
          "button",
          { type: "button", class: "button", value: word, "aria-keyshortcuts": String(place + 1) },
          make("kbd", { "aria-hidden": "true" }, String(place + 1)),
          text,
        ),
      ),
    ),
    make(
      "p",
      { class: "quiet" },
      "Removed examples stay stored. They are left out of releases, and you can bring them back.",
    ),
  );

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.classList.add("beside");
    this.#dialog.addEventListener("keydown", (event) => {
      const digit = /^option:([1-6])$/.exec(actionOf(event, singleKeys()))?.[1];
      const reason = digit && REASONS[Number(digit) - 1];
      if (!reason) return;
      event.preventDefault();
      event.stopPropagation();
      leave(this.#dialog, reason[0]);
    });
    this.#dialog.addEventListener("click", (event) => {
      const button = event.target instanceof Element && event.target.closest("[value]");
      if (button instanceof HTMLButtonElement) leave(this.#dialog, button.value);
    });
  }

  /** @returns {Promise<string>} the reason, or "" */
  ask() {
    return asked(this.#dialog);
  }
}

customElements.define("remove-menu", RemoveMenu);
