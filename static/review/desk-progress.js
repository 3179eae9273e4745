// @ts-check
import { make, setTrack } from "./make.js";
import { timeLeft } from "./messages.js";

/** @typedef {import("./payload.js").Progress} Progress */

const QUIET = 400; // ms an answer may be on its way before the chip says so

/** How far the batch is, and whether every answer is stored. */
export class DeskProgress extends HTMLElement {
  #timer = 0;

  /** @param {Progress} progress */
  show({ done, size, confirmed = 0, relabeled = 0, removed = 0, copies = 0, seconds_left: left }) {
    const reached = size ? Math.min(done, size) : done; // a second read may come on top
    this.#say("done", `${reached} / ${size}`);
    this.#say("left", timeLeft(left));
    this.#say("relabeled", `${relabeled} relabeled`);
    this.#say("confirmed", `${confirmed} confirmed`);
    this.#say("removed", `${removed} removed`);
    this.#say("copies", `${copies} identical`);
    this.querySelector("[data-part=copies]")?.toggleAttribute("hidden", !copies);
    const bar = this.querySelector("[role=progressbar]");
    bar?.setAttribute("aria-valuenow", String(reached));
    bar?.setAttribute("aria-valuemax", String(size));
    setTrack(this.querySelector(".track"), size ? reached / size : 0);
  }

  /** @param {number} waiting @param {boolean} held whether something holds them up */
  showSaving(waiting, held) {
    if (waiting === 0) {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.#chip("Saved", "confirm");
    } else if (held) {
      this.#chip(`${waiting} waiting to send`, "warn");
    } else {
      this.#timer ||= setTimeout(() => this.#chip("Sending", ""), QUIET);
    }
  }

  /** @param {string} words @param {string} kind */
  #chip(words, kind) {
    const chip = this.querySelector("[data-part=saving]");
    if (!chip || chip.textContent === words) return;
    const kinds = `chip saving ${kind && `chip-${kind}`}`.trim();
    chip.replaceWith(make("span", { class: kinds, "data-part": "saving" }, words));
  }

  /** @param {string} name @param {string} words */
  #say(name, words) {
    const part = this.querySelector(`[data-part=${name}]`);
    if (part && part.textContent !== words) part.textContent = words;
  }
}

customElements.define("desk-progress", DeskProgress);
