// @ts-check
import { post } from "./calls.js";
import { giveBack } from "./this-tab.js";

/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Asking} Asking */
/** @typedef {import("./payload.js").Claimed} Claimed */

const HOLD = 8; // examples held, the one that is shown among them
const RENEW = 240_000; // ms between renewals while someone works
const ANSWERED_KEPT = 400;

/** The examples this page holds ahead, with their images decoded, and the leases behind them. */
export class Held {
  /** @type {Example[]} */
  ahead = [];
  /** @type {Example | null} */
  current = null;
  /** @type {Map<number, HTMLImageElement>} by example; `data-failed` marks what did not load */
  media = new Map();
  /** @type {Set<string>} */
  #answered = new Set();
  #renewed = performance.now();

  /** @param {string} path where to claim
   * @param {number | null} guideline the revision of the guideline that the desk shows */
  constructor(path, guideline) {
    this.path = path;
    this.guideline = guideline;
  }

  /** @param {string[]} unsent leases of answers that are not stored yet
   * @returns {string[]} every lease of this page */
  leases(unsent) {
    const shown = this.current ? [this.current] : [];
    const leases = [...shown, ...this.ahead].map((example) => example.lease);
    return leases.concat(unsent).filter(Boolean);
  }

  /** What each request says so that its reply fills the hand. @param {string[]} unsent
   * @returns {Asking} */
  asking(unsent) {
    const waiting = Math.max(0, unsent.length - 1); // one of them is being sent
    const want = Math.min(48, HOLD + waiting);
    return { want, held: this.leases(unsent), guideline: this.guideline };
  }

  /** @param {Example[]} examples @param {string[]} unsent @returns {number} how many were new */
  add(examples, unsent) {
    const here = new Set(this.leases(unsent));
    const shown = new Set([this.current, ...this.ahead].map((example) => example?.example));
    const fresh = examples.filter(
      ({ lease, example }) =>
        !here.has(lease) && !shown.has(example) && !this.#answered.has(lease),
    );
    this.ahead.push(...fresh);
    for (const example of fresh) this.decode(example);
    return fresh.length;
  }

  /** Load and decode an example's image before it is needed. @param {Example} example */
  decode(example) {
    const { url, width, height } = example.content;
    if (!url || this.media.has(example.example)) return;
    const image = new Image();
    if (width && height) [image.width, image.height] = [width, height];
    image.alt = "";
    image.draggable = false;
    image.src = url;
    this.media.set(example.example, image);
    image.decode().then(
      () => (image.dataset.ready = ""),
      () => (image.dataset.failed = ""),
    );
    for (const neighbour of example.neighbours ?? []) {
      if (neighbour.url) new Image().src = neighbour.url;
    }
  }

  /** Show the next one. @returns {Example | null} */
  next() {
    this.current = this.ahead.shift() ?? null;
    if (this.current) this.decode(this.current);
    return this.current;
  }

  /** Put the shown example back in front, because an earlier one comes first.
   * @param {Example} example */
  showInstead(example) {
    if (this.current) this.ahead.unshift(this.current);
    this.current = example;
    this.#answered.delete(example.lease);
    this.decode(example);
  }

  /** @param {Example} example */
  answered(example) {
    this.#answered.add(example.lease);
    this.media.delete(example.example);
    if (this.#answered.size > ANSWERED_KEPT) {
      for (const oldest of this.#answered) {
        this.#answered.delete(oldest);
        break;
      }
    }
  }

  /** Ask for more. @param {string[]} unsent */
  async claim(unsent) {
    this.#renewed = performance.now();
    return /** @type {Claimed} */ (await post(this.path, this.asking(unsent)));
  }

  /** Whether the leases of somebody who is working want to be renewed. */
  get stale() {
    return performance.now() - this.#renewed > RENEW;
  }

  /** Give back what nobody answered, as the page goes away. @param {string[]} unsent */
  giveBack(unsent) {
    const answered = new Set(unsent);
    const leases = this.leases(unsent).filter((lease) => !answered.has(lease));
    this.ahead = [];
    this.current = null;
    this.media.clear();
    return giveBack(leases);
  }
}
