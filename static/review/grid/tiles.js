// @ts-check
import { make } from "../make.js";
import { drawerOf } from "../types/registry.js";
import { localCaps } from "./places.js";
import { makeImage } from "./supply.js";

/** @typedef {import("../payload.js").Example} Example */

/** A page of tiles. Each is a checkbox that says "not this one". */
export class GridTiles extends HTMLElement {
  /** @type {Example[]} */
  examples = [];
  /** @type {Map<string, string>} */
  #caps = new Map();
  #last = -1; // the tile a range starts from
  /** @type {Promise<unknown>} */
  painted = Promise.resolve();

  connectedCallback() {
    localCaps().then((caps) => {
      this.#caps = caps;
      for (const cap of this.querySelectorAll("kbd")) {
        cap.textContent = caps.get(cap.dataset.cap ?? cap.textContent ?? "") ?? cap.textContent;
      }
    });
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("change", () => this.#changed());
  }

  /** @returns {HTMLInputElement[]} */
  get boxes() {
    return [...this.querySelectorAll("input.tile-box")].filter(
      (box) => box instanceof HTMLInputElement,
    );
  }

  get marked() {
    return this.boxes.filter((box) => box.checked).map((box) => box.value);
  }

  get failed() {
    return [...this.querySelectorAll(".tile[data-failed] input")].map(
      (box) => /** @type {HTMLInputElement} */ (box).value,
    );
  }

  /**
   * @param {Example[]} examples @param {string} keys the caps in their places
   * @param {string} label @param {Map<number, HTMLImageElement>} media
   * @param {string[]} marked leases that were marked before
   */
  show(examples, keys, label, media, marked = []) {
    this.examples = examples;
    this.#last = -1;
    this.replaceChildren(...examples.map((one, n) => this.#tile(one, n, keys[n], label, media)));
    for (const box of this.boxes) box.checked = marked.includes(box.value);
    const images = [...this.querySelectorAll("img")];
    this.painted = Promise.all(images.map((image) => image.decode().catch(() => undefined)));
    this.#changed();
  }

  /**
   * @param {Example} example @param {number} n @param {string} cap @param {string} label
   * @param {Map<number, HTMLImageElement>} media
   */
  #tile(example, n, cap, label, media) {
    const words = example.together?.words ?? "";
    const copies = `×${example.together?.examples}`;
    const box = make("input", {
      class: "tile-box",
      type: "checkbox",
      name: "marked",
      value: example.lease,
      "aria-label": `${n + 1}: not ${label}${words && `. ${words}`}`,
      "aria-keyshortcuts": cap,
    });
    const printed = this.#caps.get(cap) ?? cap;
    const tile = make(
      "label",
      words ? { class: "tile", title: words } : { class: "tile" },
      box,
      drawn(example, media),
      make("kbd", { "aria-hidden": "true", "data-cap": cap }, printed),
      make("span", { class: "tile-mark", "aria-hidden": "true" }, "Not this"),
      ...(words ? [make("span", { class: "tile-copies", "aria-hidden": "true" }, copies)] : []),
    );
    const image = tile.querySelector("img");
    image?.addEventListener("error", () => {
      tile.dataset.failed = "";
      this.#changed();
    });
    if (image && "failed" in image.dataset) tile.dataset.failed = "";
    return tile;
  }

  /** @param {string} cap @param {string} keys @returns {boolean} whether there is such a tile */
  toggle(cap, keys) {
    const box = cap && this.boxes[keys.indexOf(cap)];
    if (!box) return false;
    box.checked = !box.checked;
    this.#last = this.boxes.indexOf(box);
    this.#changed();
    return true;
  }

  /** Move the focus by columns and rows. @param {number} right @param {number} down */
  move(right, down) {
    const { boxes } = this;
    const columns = getComputedStyle(this).gridTemplateColumns.split(" ").length;
    const at = boxes.findIndex((box) => box === document.activeElement);
    const next = at < 0 ? 0 : at + right + down * columns;
    boxes[Math.min(boxes.length - 1, Math.max(0, next))]?.focus();
  }

  /** The example whose tile has the focus, or the first. @returns {Example | undefined} */
  get focused() {
    const at = this.boxes.findIndex((box) => box === document.activeElement);
    return this.examples[Math.max(0, at)];
  }

  clear() {
    for (const box of this.boxes) box.checked = false;
    this.#changed();
  }

  empty() {
    this.examples = [];
    this.replaceChildren();
  }

  /** Shift and a click mark everything in between. @param {MouseEvent} event */
  #click(event) {
    const { boxes } = this;
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    const at = boxes.indexOf(box);
    if (event.shiftKey && this.#last >= 0) {
      const [from, to] = [Math.min(at, this.#last), Math.max(at, this.#last)];
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      this.#changed();
    }
    this.#last = at;
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("marks"));
  }
}

/** @param {Example} example @param {Map<number, HTMLImageElement>} media */
function drawn({ example, content }, media) {
  const picture = content.url ? (media.get(example) ?? makeImage(content.url)) : undefined;
  return drawerOf(content).tile(content, picture);
}

customElements.define("grid-tiles", GridTiles);
