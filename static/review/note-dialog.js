// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { make } from "./make.js";

const LONGEST = 4000; // characters

/** A note that travels with the answer; `Ctrl Enter` closes it. */
export class NoteDialog extends HTMLElement {
  #heading = make("p", { class: "quiet" });
  #text = make("textarea", { rows: "5", maxlength: String(LONGEST), "aria-label": "Note", dir: "auto", autofocus: "" });
  #keep = make(
    "button",
    { type: "button", class: "button", "aria-keyshortcuts": "Control+Enter" },
    make("span", {}, "Keep note"),
    make("kbd", { "aria-hidden": "true" }, "Ctrl ↵"),
  );
  #dialog = makeDialog("Note", this.#heading, this.#text, make("footer", {}, this.#keep));

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.classList.add("beside");
    this.#keep.addEventListener("click", () => this.#done());
    this.#text.addEventListener("input", () => this.#text.setCustomValidity(""));
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) this.#done();
    });
  }

  #done() {
    this.#text.reportValidity();
    if (this.#text.checkValidity()) leave(this.#dialog, "kept");
  }

  /**
   * @param {string} note
   * @param {{title: string, why: string, button: string, needed?: boolean}} words
   * @returns {Promise<string | null>} the note, or null when it was left by Escape
   */
  async ask(note, { title, why, button, needed = false }) {
    const heading = this.#dialog.querySelector("h2");
    if (heading) heading.textContent = title;
    this.#dialog.setAttribute("aria-label", title);
    this.#heading.textContent = why;
    this.#keep.firstElementChild?.replaceChildren(button);
    this.#text.required = needed;
    this.#text.value = note;
    const left = await asked(this.#dialog);
    return left ? this.#text.value.trim() : null;
  }
}

customElements.define("note-dialog", NoteDialog);
