// @ts-check
const LASTS = 10_000; // ms; the activity log takes it back as well

/** Offers to take back what was just done. It goes by itself, but never while somebody is at it:
 * with the pointer over it or the focus in it, and 10 seconds after that. */
class UndoBar extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    for (const left of ["pointerleave", "focusout"]) this.addEventListener(left, () => this.#wait());
    this.#wait();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.matches(":hover, :focus-within")) this.remove();
    }, LASTS);
  }
}

customElements.define("undo-bar", UndoBar);
