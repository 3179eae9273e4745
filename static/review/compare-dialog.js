// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { idWrittenOut } from "./hidden-characters.js";
import { ImageView } from "./image-view.js";
import { actionOf, capOf, shortcutOf } from "./keys.js";
import { isolated, make } from "./make.js";
import { singleKeys } from "./single-keys.js";
import { drawerOf } from "./types/registry.js";

/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Neighbour} Neighbour */

/** The example beside one of those most like it; what differs is underlined. */
export class CompareDialog extends HTMLElement {
  #body = make("div", { class: "compare", tabindex: "0", role: "group", "aria-label": "Both examples" });
  #views = [new ImageView(), new ImageView()];
  #steps = make("footer", {}, makeStep("earlier", "Previous", -1), makeStep("later", "Next", 1));
  #dialog = makeDialog("Compare", this.#body, this.#steps);
  /** @type {Example | null} */
  #example = null;
  #place = 0;
  /** @type {(label: number) => HTMLElement} */
  #named = (label) => make("bdi", {}, String(label));

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.classList.add("wide");
    this.#views.forEach((view, place) => {
      view.classList.add("view");
      view.linked = [this.#views[1 - place]];
    });
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#steps.addEventListener("click", (event) => {
      const button = event.target instanceof Element && event.target.closest("[data-by]");
      if (button instanceof HTMLElement) this.#step(Number(button.dataset.by));
    });
  }

  /** @param {Example} example @param {(label: number) => HTMLElement} named */
  ask(example, named) {
    this.#example = example;
    this.#named = named;
    this.#place = 0;
    this.#show();
    return asked(this.#dialog);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation();
    const action = actionOf(event, singleKeys());
    if (action === "compare") leave(this.#dialog, "");
    else if (action === "earlier" || action === "later") this.#step(action === "later" ? 1 : -1);
    else if (!this.#views[0].act(action)) return;
    event.preventDefault();
  }

  get #near() {
    return this.#example?.neighbours ?? [];
  }

  /** @param {number} by */
  #step(by) {
    const count = Math.min(6, this.#near.length);
    this.#place = (this.#place + by + count) % count;
    this.#show();
  }

  #show() {
    const example = this.#example;
    const near = this.#near[this.#place];
    if (!example || !near) return;
    const { content } = example;
    const title = `Similar example ${this.#place + 1} of ${Math.min(6, this.#near.length)}`;
    const heads = [this.#head("This example", idWrittenOut(example.key), example.given), this.#nearHead(near)];
    const heading = this.#dialog.querySelector("h2");
    if (heading) heading.textContent = title;
    this.#dialog.setAttribute("aria-label", title);
    this.#body.replaceChildren(...drawerOf(content).compare(content, near, heads, this.#views));
    this.#body.scrollTo(0, 0);
  }

  /** @param {Neighbour} near */
  #nearHead({ similarity, label, relabeled, cut }) {
    const words = similarity.toFixed(2).replace(/^0/, "");
    const head = this.#head("Similarity", words, label);
    if (relabeled) head.append(make("span", { class: "relabeled" }, "relabeled"));
    if (cut) head.append(make("span", { class: "quiet" }, "beginning only"));
    return head;
  }

  /** @param {string} words @param {string} key @param {number | null | undefined} label */
  #head(words, key, label) {
    const head = make("p", { class: "compare-head" }, words, make("span", { class: "mono" }, isolated(key)));
    if (typeof label === "number") {
      head.append(make("span", { class: "chip" }, this.#named(label)));
    }
    return head;
  }
}

/** @param {string} action @param {string} words @param {number} by */
function makeStep(action, words, by) {
  return make(
    "button",
    { type: "button", class: "button", "data-by": String(by), "aria-keyshortcuts": shortcutOf(action) },
    make("kbd", { "aria-hidden": "true" }, capOf(action)),
    words,
  );
}

customElements.define("compare-dialog", CompareDialog);
