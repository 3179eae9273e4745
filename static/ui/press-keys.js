// @ts-check
import { plainKey } from "./plain-key.js";

/**
 * Keys for a page: `data-key="1"` (or `"1 a"`) on a button, link or field inside presses or enters it.
 * Silent in fields and when a key is held down; where single keys are off, they want Alt.
 */
class PressKeys extends HTMLElement {
  connectedCallback() {
    this.listen = (/** @type {KeyboardEvent} */ event) => this.press(event);
    document.addEventListener("keydown", this.listen);
  }

  disconnectedCallback() {
    if (this.listen) document.removeEventListener("keydown", this.listen);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const from = event.target;
    if (event.key === "Escape" && from instanceof HTMLElement && this.contains(from)) from.blur();
    const printed = event.repeat ? "" : plainKey(event);
    if (!printed) return;
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
    const key = printed === "/" ? "/" : digit && !event.shiftKey ? digit[1] : printed;
    for (const found of this.querySelectorAll("[data-key]")) {
      if (!(found instanceof HTMLElement) || !found.dataset.key?.split(" ").includes(key)) continue;
      event.preventDefault();
      if (found.matches("input, textarea, select")) found.focus();
      else found.click();
      return;
    }
  }
}

customElements.define("press-keys", PressKeys);
