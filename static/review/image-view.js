// @ts-check
import { makeStatus } from "./media-status.js";

const MARGIN = 40; // px around a fitted image
const STEP = 1.25;
const CRISP = 3; // pixels this much larger are shown as squares
const LARGEST = 64; // window pixels to one of the image, or four times what fits

/** An image that fits, zooms at the pointer and can be dragged. */
export class ImageView extends HTMLElement {
  /** @type {HTMLImageElement | null} */
  #image = null;
  #view = { scale: 0, x: 0, y: 0 }; // scale 0: fit
  #contrast = false;
  #invert = false;
  #size = { width: 0, height: 0 };
  /** @type {Map<number, {x: number, y: number}>} */
  #pointers = new Map();
  locked = false;
  /** Views that zoom and move with this one. @type {ImageView[]} */
  linked = [];

  connectedCallback() {
    new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      this.#size = { width, height };
      this.#place();
    }).observe(this);
    this.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.addEventListener("pointerdown", (event) => this.#down(event));
    this.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      this.addEventListener(name, (event) =>
        this.#pointers.delete(/** @type {PointerEvent} */ (event).pointerId),
      );
    }
  }

  /** @param {HTMLImageElement} image @param {(image: HTMLImageElement) => void} tryAgain */
  show(image, tryAgain) {
    this.#image = image;
    if (!this.locked) {
      this.#view = { scale: 0, x: 0, y: 0 };
      this.#contrast = false;
      this.#invert = false;
    }
    if (!this.#size.width) this.#size = { width: this.clientWidth, height: this.clientHeight };
    this.replaceChildren(image, makeStatus(image, () => tryAgain(image)));
    if (!image.complete) image.addEventListener("load", () => this.#place(), { once: true });
    this.#place();
    this.#say();
  }

  clear() {
    this.#image = null;
    this.replaceChildren();
  }

  /** @param {string} action @returns {boolean} whether it was one of the view's own */
  act(action) {
    for (const view of this.linked) view.#act(action);
    return this.#act(action);
  }

  /** @param {string} action */
  #act(action) {
    if (action === "fit") this.#view = { scale: 0, x: 0, y: 0 };
    else if (action === "full") this.#view = { scale: 1, x: 0, y: 0 };
    else if (action === "in") this.#zoom(STEP, 0, 0);
    else if (action === "out") this.#zoom(1 / STEP, 0, 0);
    else if (action === "contrast") this.#contrast = !this.#contrast;
    else if (action === "invert") this.#invert = !this.#invert;
    else if (action === "lock") this.locked = !this.locked;
    else return false;
    this.#place();
    this.#say();
    return true;
  }

  /** Tell the tools which of them are on. */
  #say() {
    const detail = { contrast: this.#contrast, invert: this.#invert, lock: this.locked };
    this.dispatchEvent(new CustomEvent("tools", { bubbles: true, detail }));
  }

  get #fit() {
    const image = this.#image;
    if (!image?.width || !image.height) return 1;
    const { width, height } = this.#size;
    return Math.max(
      0.01,
      Math.min((width - MARGIN) / image.width, (height - MARGIN) / image.height),
    );
  }

  #place() {
    const image = this.#image;
    if (!image) return;
    const { x, y } = this.#view;
    const scale = this.#view.scale || this.#fit;
    image.style.transform = `translate(-50%, -50%) translate(${x}px, ${y}px) scale(${scale})`;
    image.classList.toggle("crisp", scale >= CRISP);
    image.classList.toggle("contrast", this.#contrast);
    image.classList.toggle("invert", this.#invert);
  }

  /** @param {number} by @param {number} x from the middle @param {number} y */
  #zoom(by, x, y) {
    const old = this.#view.scale || this.#fit;
    const fit = this.#fit;
    const scale = Math.min(Math.max(LARGEST, fit * 4), Math.max(fit / 4, old * by));
    const moved = scale / old;
    this.#view = {
      scale,
      x: x - (x - this.#view.x) * moved,
      y: y - (y - this.#view.y) * moved,
    };
  }

  /** @param {(view: ImageView) => void} move this view and those that move with it */
  #together(move) {
    for (const view of [this, ...this.linked]) {
      move(view);
      view.#place();
    }
  }

  /** @param {number} x @param {number} y in the window */
  #fromMiddle(x, y) {
    const box = this.getBoundingClientRect();
    return { x: x - box.x - box.width / 2, y: y - box.y - box.height / 2 };
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const { x, y } = this.#fromMiddle(event.clientX, event.clientY);
    this.#together((view) => view.#zoom(Math.exp(-event.deltaY / 400), x, y));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.target instanceof HTMLButtonElement) return;
    this.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (this.#pointers.size === 1) {
      this.#together((view) => view.#pan(now.x - before.x, now.y - before.y));
    } else {
      this.#pinch(event.pointerId, before, now);
    }
    this.#pointers.set(event.pointerId, now);
  }

  /** @param {number} right @param {number} down */
  #pan(right, down) {
    const { scale, x, y } = this.#view;
    this.#view = { scale: scale || this.#fit, x: x + right, y: y + down };
  }

  /** @param {number} id @param {{x: number, y: number}} before @param {{x: number, y: number}} now */
  #pinch(id, before, now) {
    const other = [...this.#pointers].find(([pointer]) => pointer !== id)?.[1];
    if (!other) return;
    const old = Math.hypot(before.x - other.x, before.y - other.y) || 1;
    const middle = this.#fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2);
    const by = Math.hypot(now.x - other.x, now.y - other.y) / old;
    this.#together((view) => view.#zoom(by, middle.x, middle.y));
  }
}

customElements.define("image-view", ImageView);
