// @ts-check
import { idWrittenOut } from "./hidden-characters.js";
import { ImageView } from "./image-view.js";
import { isolated, make } from "./make.js";
import { RangeBars } from "./range-bar.js";
import { drawerOf } from "./types/registry.js";

/** @typedef {import("./payload.js").Example} Example */

/** The example itself, as its type draws it, and a line about where it comes from. */
export class ReviewStage extends HTMLElement {
  /** @type {Example | null} */
  #example = null;
  /** @type {HTMLImageElement | undefined} */
  #picture;
  /** @type {Set<string>} what was switched on for this example */
  #on = new Set();
  bars = new RangeBars({}, String);

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

  /** @param {Example} example @param {HTMLImageElement | undefined} picture */
  show(example, picture) {
    this.#example = example;
    this.#picture = picture;
    this.#on.clear();
    this.#draw();
  }

  clear() {
    this.#example = null;
    this.#picture = undefined;
    this.#part("meta")?.replaceChildren();
    this.#part("content")?.replaceChildren();
    this.#sayTogether("");
    this.view?.clear();
  }

  /** @param {string} name */
  #part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  #draw() {
    const part = this.#part("content");
    if (!this.#example || !part) return;
    const { key, meta = [], content } = this.#example;
    const drawer = drawerOf(content);
    this.#part("meta")?.replaceChildren(
      make("span", { class: "mono" }, isolated(idWrittenOut(key))),
      ...meta.slice(0, 4).map(([name, value]) => make("span", { title: name }, isolated(value))),
      ...(drawer.beside?.(content, this.#on) ?? []),
    );
    this.#sayTogether(this.#example.together?.words ?? "");
    drawer.show(content, this.#stage(part, this.#example));
  }

  /** Once more may be seen of the example at hand. @param {Example} example */
  showMore(example) {
    const part = this.#part("content");
    if (part && example === this.#example) drawerOf(example.content).place?.(example.content, this.#stage(part, example));
  }

  /** @param {Element} part @param {Example} example */
  #stage(part, example) {
    return { part, view: this.view, picture: this.#picture, on: this.#on, bar: this.bars.of(example) };
  }

  /** What the answer goes to beside this example. @param {string} words */
  #sayTogether(words) {
    const part = this.#part("together");
    if (!part) return;
    part.textContent = words;
    part.toggleAttribute("hidden", !words);
  }

  /** @param {string} name */
  #press(name) {
    if (!this.#on.delete(name)) this.#on.add(name);
    this.#draw();
  }
}

customElements.define("review-stage", ReviewStage);
