// @ts-check
/** @typedef {import("./payload.js").Answer} Answer */
/** @typedef {import("./payload.js").Progress} Progress */
/** @typedef {[verdict: Answer["verdict"], by: number]} Added */

/** Where an answer is counted. @type {Record<Answer["verdict"], "confirmed" | "relabeled" | "removed">} */
const COUNTED = { confirm: "confirmed", relabel: "relabeled", remove: "removed" };

/** How far the batch is: the server's numbers, and what answers on their way add to them. */
export class Tally {
  /** @type {Map<string, Added>} by the key they are sent under */
  #ahead = new Map();

  /** @param {Progress} progress */
  constructor(progress) {
    /** The server's numbers alone. */
    this.progress = progress;
  }

  get now() {
    return [...this.#ahead.values()].reduce(counted, this.progress);
  }

  /** @param {string} key @param {Added} added */
  expect(key, added) {
    this.#ahead.set(key, added);
  }

  /** It will not be stored after all. @param {string} key */
  forget(key) {
    this.#ahead.delete(key);
  }

  /** It is stored. @param {string} key @param {import("./payload.js").Reply} reply */
  settle(key, { copies = 0, undone }) {
    const added = this.#ahead.get(key);
    this.#ahead.delete(key);
    if (added) this.progress = counted(this.progress, added);
    const more = undone === undefined ? copies : -copies;
    if (more) this.progress = { ...this.progress, copies: (this.progress.copies ?? 0) + more };
  }
}

/**
 * The progress after one more answer, or one less.
 * @param {Progress} progress
 * @param {Added} added
 * @returns {Progress}
 */
function counted(progress, [verdict, by]) {
  const sum = { ...progress, done: progress.done + by };
  const before = sum[COUNTED[verdict]];
  if (before !== undefined) sum[COUNTED[verdict]] = before + by;
  const left = progress.size - progress.done;
  if (sum.seconds_left && left > 0) sum.seconds_left *= (left - by) / left;
  return sum;
}
