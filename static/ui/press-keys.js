// @ts-check
/**
 * Keys for a page: `data-key="1"` (or `"1 a"`) on a button, link or field inside presses or enters it.
 * Silent in fields, with modifiers, while composing, and when a key is held down.
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
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (from instanceof HTMLElement && from.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const key = event.key === "/" ? "/" : digit && !event.shiftKey ? digit[1] : event.key.toLowerCase();
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
