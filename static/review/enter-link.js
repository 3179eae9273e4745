// @ts-check
import { isField } from "./keys.js";

/** The link inside is followed by Enter from anywhere that has no use for Enter itself. */
class EnterLink extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const busy = event.target instanceof Element && event.target.closest("a, button, summary");
    if (event.key !== "Enter" || event.repeat || event.isComposing || busy) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const link = this.querySelector("a");
    if (link) location.assign(link.href);
  }
}

customElements.define("enter-link", EnterLink);
