// @ts-check
import { hiddenCount, madeVisible } from "./hidden-characters.js";
import { ImageView } from "./image-view.js";
import { isolated, make } from "./make.js";
import { loadAgain } from "./media-status.js";

/** @typedef {import("./payload.js").Example} Example */

const LONGEST = 20_000; // characters shown before "show all"

/** The example itself: text, image or a list of fields, and a line about where it comes from. */
export class ReviewStage extends HTMLElement {
  /** @type {Example | null} */
  #example = null;
  #whole = false;
  #visible = false;

  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target instanceof Element && event.target.closest("[data-stage]");
      if (button instanceof HTMLElement) this.#press(button.dataset.stage ?? "");
    });
    this.addEventListener("tools", (event) => {
      const { detail } = /** @type {CustomEvent<Record<string, boolean>>} */ (event);
      for (const [name, on] of Object.entries(detail)) {
        this.querySelector(`[data-do=${name}]`)?.setAttribute("aria-pressed", String(on));
      }
    });
  }

  get view() {
    const view = this.querySelector("image-view");
    return view instanceof ImageView ? view : null;
  }

  /** @param {Example} example @param {HTMLImageElement | undefined} image */
  show(example, image) {
    this.#example = example;
    this.#whole = false;
    this.#visible = false;
    this.#showMeta(example);
    if (example.content.type === "image") {
      if (image) this.view?.show(image, (failed) => this.#again(failed));
    } else {
      this.#showContent();
    }
  }

  clear() {
    this.#example = null;
    this.#part("meta")?.replaceChildren();
    this.#part("content")?.replaceChildren();
    this.view?.clear();
  }

  /** @param {string} name */
  #part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  /** @param {Example} example */
  #showMeta({ key, meta = [], content }) {
    const spans = meta.slice(0, 4).map(([name, value]) => {
      const span = make("span", { title: name }, isolated(value));
      return span;
    });
    const parts = [make("span", { class: "mono" }, isolated(key)), ...spans];
    const hidden = content.type === "text" ? hiddenCount(content.text) : 0;
    if (hidden > 0) parts.push(this.#hiddenSwitch(hidden));
    this.#part("meta")?.replaceChildren(...parts);
  }

  /** @param {number} hidden */
  #hiddenSwitch(hidden) {
    const words = `${hidden} hidden ${hidden === 1 ? "character" : "characters"}`;
    return make(
      "button",
      {
        type: "button",
        class: "text-button",
        "data-stage": "visible",
        "aria-pressed": String(this.#visible),
      },
      `${words}: ${this.#visible ? "hide" : "show"}`,
    );
  }

  #showContent() {
    const content = this.#example?.content;
    const part = this.#part("content");
    if (!content || !part) return;
    if (content.type === "text") part.replaceChildren(...this.#text(content.text));
    if (content.type === "tabular") part.replaceChildren(fieldList(content.fields));
    part.parentElement?.scrollTo(0, 0);
  }

  /** @param {string} text */
  #text(text) {
    const shown = this.#whole ? text : text.slice(0, LONGEST);
    const paragraph = make(
      "p",
      { class: "example-text", dir: "auto" },
      ...(this.#visible ? madeVisible(shown) : [shown]),
    );
    const content = this.#example?.content;
    if (content?.type === "text" && content.lang) paragraph.setAttribute("lang", content.lang);
    if (shown.length === text.length) return [paragraph];
    const words = `Show all ${text.length.toLocaleString()} characters`;
    const more = make("button", { type: "button", class: "button", "data-stage": "whole" }, words);
    return [paragraph, more];
  }

  /** @param {string} name */
  #press(name) {
    if (!this.#example) return;
    if (name === "whole") this.#whole = true;
    if (name === "visible") this.#visible = !this.#visible;
    this.#showMeta(this.#example);
    this.#showContent();
  }

  /** @param {HTMLImageElement} image */
  async #again(image) {
    await loadAgain(image);
    if (image.isConnected) this.view?.show(image, (failed) => this.#again(failed));
  }
}

/** @param {[string, string, boolean][]} fields */
function fieldList(fields) {
  const list = make("dl", { class: "field-list" });
  for (const [name, value, unusual] of fields) {
    const words = make("dd", { dir: "auto" }, isolated(value));
    if (unusual) words.append(" ", make("span", { class: "chip chip-warn" }, "unusual"));
    list.append(make("div", {}, make("dt", {}, isolated(name)), words));
  }
  return list;
}

customElements.define("review-stage", ReviewStage);
