// @ts-check
import { plainKey } from "./plain-key.js";

const UNREAD = 120; // ms after paint in which nobody can have read the page

/**
 * Keys for a page: `data-key="1"` (or `"1 a"`) on a button, link or field inside presses or enters it.
 * Silent in fields, when a key is held down, and before anybody can have read the page; where single keys are off, they want Alt.
 */
class PressKeys extends HTMLElement {
  #shownAt = Infinity;

  connectedCallback() {
    requestAnimationFrame(() => (this.#shownAt = performance.now()));
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
    if (!printed || performance.now() - this.#shownAt < UNREAD) return;
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
