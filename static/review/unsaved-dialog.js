// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { isolated, make } from "./make.js";
import { answerInWords } from "./payload.js";

/** @typedef {import("./entry.js").Entry} Entry */

/** Answers the server did not take, listed so that nothing is lost. */
export class UnsavedDialog extends HTMLElement {
  #list = make("ol", { class: "unsaved" });
  #copy = make("button", { type: "button", class: "button" }, "Copy");
  #forget = make("button", { type: "button", class: "button button-quiet" }, "I have them, clear the list");
  #dialog = makeDialog("Not saved", this.#list, make("footer", {}, this.#copy, this.#forget));
  #lines = "";

  connectedCallback() {
    this.append(this.#dialog);
    this.#copy.addEventListener("click", () => this.#copyLines());
    this.#forget.addEventListener("click", () => leave(this.#dialog, "forget"));
    this.#dialog.addEventListener("keydown", (event) => event.stopPropagation());
  }

  /** @param {Entry[]} entries @param {(label: number) => string} nameOf
   * @returns {Promise<boolean>} whether the list may be cleared */
  async ask(entries, nameOf) {
    const rows = entries.map((entry) => [entry.name, inWords(entry, nameOf), entry.problem ?? ""]);
    this.#lines = rows.map((row) => row.join("\t")).join("\n");
    this.#list.replaceChildren(
      ...rows.map(([name, words, problem]) =>
        make("li", {}, make("span", { class: "mono" }, isolated(name)), " ", words, " ", make("small", {}, problem)),
      ),
    );
    this.#copy.textContent = "Copy";
    return (await asked(this.#dialog)) === "forget";
  }

  async #copyLines() {
    try {
      await navigator.clipboard.writeText(this.#lines);
      this.#copy.textContent = "Copied";
    } catch {
      this.#copy.textContent = "Select the list and copy it";
    }
  }
}

/** @param {Entry} entry @param {(label: number) => string} nameOf */
function inWords({ kind, payload }, nameOf) {
  if (kind === "decision") return answerInWords(payload, nameOf, false);
  if (kind === "page") return `${payload.confirmed.length} confirmed on one page`;
  const words = { skip: "Skipped", refer: "Sent to expert", undo: "Undone", redo: "Redone" };
  return { ...words, "take-back": "Page taken back" }[kind];
}

customElements.define("unsaved-dialog", UnsavedDialog);
