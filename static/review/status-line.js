// @ts-check
import { make } from "./make.js";

/** One message at a time over the foot of the stage; never in the way, never modal. */
export class StatusLine extends HTMLElement {
  #timer = 0;
  kind = "";

  connectedCallback() {
    this.setAttribute("role", "status");
  }

  /**
   * @param {string} words
   * @param {{kind?: "info" | "warn" | "done", subject?: string, seconds?: number,
   *   action?: [string, () => void]}} [more] `subject` is what `clear` takes it away by
   */
  say(words, { kind = "info", subject = "", seconds = 0, action } = {}) {
    clearTimeout(this.#timer);
    this.kind = subject;
    const said = make("p", { class: `status ${kind}` }, make("span", {}, words));
    if (action) {
      const button = make("button", { type: "button", class: "button button-small" }, action[0]);
      button.addEventListener("click", action[1]);
      said.append(button);
    }
    const close = make("button", { type: "button", class: "text-button", "aria-label": "Close message" }, "×");
    close.addEventListener("click", () => this.clear(this.kind));
    said.append(close);
    this.replaceChildren(said);
    if (seconds) this.#timer = setTimeout(() => this.clear(subject), seconds * 1000);
  }

  /** @param {string} subject */
  clear(subject) {
    if (this.kind !== subject) return;
    this.kind = "";
    this.replaceChildren();
  }
}

customElements.define("status-line", StatusLine);
