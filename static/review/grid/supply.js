// @ts-check
import { post } from "../calls.js";
import { giveBack } from "../this-tab.js";
import { make } from "../make.js";

/** @typedef {import("../payload.js").Example} Example */
/** @typedef {{done: number, size: number, marked: number, seconds_left: number | null}} Numbers */
/** @typedef {import("../payload.js").Handed & {progress: Numbers}} Claimed */

/** Tiles on this device: the page that is shown, the next one, and their decoded images. */
export class Supply {
  /** @type {Example[]} */
  page = [];
  /** @type {Example[]} */
  ahead = [];
  /** @type {Map<number, HTMLImageElement>} */
  media = new Map();

  /** @param {number} batch @param {number} size tiles on a page */
  constructor(batch, size) {
    this.path = `/api/v1/batches/${batch}/grid/claim`;
    this.size = size;
  }

  get leases() {
    return [...this.page, ...this.ahead].map(({ lease }) => lease);
  }

  /** What a request says so that missing tiles come with its reply.
   * @param {string[]} unsent leases whose answers are not stored yet */
  asking(unsent) {
    return { want: 2 * this.size, held: [...new Set([...this.leases, ...unsent])] };
  }

  /** @param {string[]} unsent */
  async claim(unsent) {
    return /** @type {Claimed} */ (await post(this.path, this.asking(unsent)));
  }

  /** @param {Example[]} examples @param {string[]} unsent */
  add(examples, unsent) {
    const known = new Set([...this.leases, ...unsent]);
    for (const one of examples) {
      if (known.has(one.lease)) continue;
      this.ahead.push(one);
      this.#load(one);
    }
  }

  /** @param {Example} one */
  #load({ example, content }) {
    if (content.url && !this.media.has(example)) {
      this.media.set(example, makeImage(content.url));
    }
  }

  /** The next page comes forward. */
  next() {
    for (const { example } of this.page) this.media.delete(example);
    this.page = this.ahead.splice(0, this.size);
    return this.page.length > 0;
  }

  /** A page comes back in front of the one that is shown. @param {Example[]} examples */
  back(examples) {
    this.ahead = [...this.page, ...this.ahead];
    this.page = examples;
    for (const one of examples) this.#load(one);
  }

  /** Give back what nobody answered, as the page goes away. @param {string[]} unsent */
  giveBack(unsent) {
    const answered = new Set(unsent);
    const leases = this.leases.filter((lease) => !answered.has(lease));
    this.page = [];
    this.ahead = [];
    this.media.clear();
    giveBack(leases);
  }
}

/** @param {string} url */
export function makeImage(url) {
  const image = make("img", { src: url, alt: "" });
  image.decode().catch(() => (image.dataset.failed = ""));
  return image;
}
