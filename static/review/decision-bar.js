// @ts-check

/** What can be done with the example; what was done last. */
export class DecisionBar extends HTMLElement {
  /** @param {HTMLElement | null} given name of the given label; null when hidden or missing */
  show(given) {
    const button = this.#button("confirm");
    if (button) button.disabled = given === null;
    button?.classList.toggle("unused", given === null);
    const name = this.querySelector("[data-part=given]");
    name?.replaceChildren(given ?? "");
  }

  /** @param {string} words "Relabeled as Card arrival" */
  showLast(words) {
    const last = this.querySelector("[data-part=last]");
    if (!last) return;
    last.textContent = words && `Last: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
    last.setAttribute("title", words);
  }

  /** @param {boolean} on whether a note waits for the answer */
  showNote(on) {
    this.#button("note")?.setAttribute("aria-pressed", String(on));
  }

  /** @param {boolean} possible whether there is an example to answer */
  set answerable(possible) {
    for (const name of ["label", "remove", "skip", "refer", "note"]) {
      const button = this.#button(name);
      if (button) button.disabled = !possible;
    }
  }

  /** @param {string} action */
  #button(action) {
    const found = this.querySelector(`[data-do=${action}]`);
    return found instanceof HTMLButtonElement ? found : null;
  }
}

customElements.define("decision-bar", DecisionBar);
