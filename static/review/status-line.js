// @ts-check
import { make } from "./make.js";

/** @typedef {{kind?: "info" | "warn" | "done", subject?: string, seconds?: number,
 *   action?: [string, () => void], closed?: () => void}} More
 * `subject` is what `clear` takes a message away by; `closed` hears that somebody closed it */

/** One message at a time over the foot of the stage; never in the way, never modal. Warnings come
 * first, then the latest; what they cover comes back when they are gone. */
export class StatusLine extends HTMLElement {
  /** @type {Map<string, {words: string, more: More}>} by subject, the latest last */
  #said = new Map();
  #timer = 0;
  #shown = "";

  connectedCallback() {
    this.setAttribute("role", "status");
  }

  /** @param {string} words @param {More} [more] */
  say(words, more = {}) {
    const { subject = "", seconds = 0 } = more;
    this.#said.delete(subject);
    this.#said.set(subject, { words, more });
    if (subject === "") clearTimeout(this.#timer);
    if (seconds) this.#last(subject, seconds);
    this.#show();
  }

  /** It goes by itself, but never while somebody is at it. @param {string} subject
   * @param {number} seconds */
  #last(subject, seconds) {
    this.#timer = setTimeout(() => {
      if (this.matches(":hover, :focus-within")) this.#last(subject, seconds);
      else this.clear(subject);
    }, seconds * 1000);
  }

  /** @param {string} subject */
  clear(subject) {
    if (this.#said.delete(subject)) this.#show();
  }

  #show() {
    const said = [...this.#said];
    const top = said.findLast(([, { more }]) => more.kind === "warn") ?? said.at(-1);
    const key = top ? `${top[0]}: ${top[1].words}` : "";
    if (key === this.#shown) return;
    this.#shown = key;
    this.replaceChildren(...(top ? [this.#message(top[0], top[1].words, top[1].more)] : []));
  }

  /** @param {string} subject @param {string} words @param {More} more */
  #message(subject, words, { kind = "info", action, closed }) {
    const said = make("p", { class: `status ${kind}` }, make("span", {}, words));
    if (action) {
      const button = make("button", { type: "button", class: "button button-small" }, action[0]);
      button.addEventListener("click", action[1]);
      said.append(button);
    }
    const close = make("button", { type: "button", class: "text-button", "aria-label": "Close message" }, "×");
    close.addEventListener("click", () => {
      this.clear(subject);
      closed?.();
    });
    said.append(close);
    return said;
  }
}

customElements.define("status-line", StatusLine);
