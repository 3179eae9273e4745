// @ts-check
import { post } from "../calls.js";
import { giveBack } from "../given-back.js";
import { makeImage } from "./tiles.js";

/** @typedef {import("../payload.js").Example} Example */

/** Tiles on this device: the page that is shown, the next one, and their decoded images. */
export class Supply {
  /** @type {Example[]} */
  page = [];
  /** @type {Example[]} */
  ahead = [];
  /** @type {Map<number, HTMLImageElement>} */
  media = new Map();

  /** @param {number} batch @param {number} size tiles on a page
   * @param {() => string[]} unsent leases whose answers are not stored yet */
  constructor(batch, size, unsent) {
    this.path = `/api/v1/batches/${batch}/grid/claim`;
    this.size = size;
    this.unsent = unsent;
  }

  get leases() {
    return [...this.page, ...this.ahead].map(({ lease }) => lease);
  }

  /** What a request says so that missing tiles come with its reply. */
  asking() {
    return { want: 2 * this.size, held: [...new Set([...this.leases, ...this.unsent()])] };
  }

  claim() {
    return post(this.path, this.asking());
  }

  /** @param {Example[]} examples */
  add(examples) {
    const known = new Set([...this.leases, ...this.unsent()]);
    for (const one of examples) {
      if (known.has(one.lease)) continue;
      this.ahead.push(one);
      this.#load(one);
    }
  }

  /** @param {Example} one */
  #load({ example, content }) {
    if (content.type === "image" && !this.media.has(example)) {
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

  /** Give back what nobody answered, as the page goes away. */
  giveBack() {
    const unsent = new Set(this.unsent());
    const leases = this.leases.filter((lease) => !unsent.has(lease));
    this.page = [];
    this.ahead = [];
    this.media.clear();
    giveBack(leases);
  }
}
