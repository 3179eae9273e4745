// @ts-check
import { sayInPanel } from "../make.js";

/** @typedef {import("./grid-course.js").GridCourse} GridCourse */
/** @typedef {{tiles: import("./tiles.js").GridTiles, keys: string, label: string,
 *   progress: import("../desk-progress.js").DeskProgress}} Parts `keys` are the caps in their places */

const LOOK = 1_200; // ms a page must be seen before it can be confirmed

/** Paints the page that the course tells of. */
export class GridView {
  #seenAt = Infinity;

  /** @param {HTMLElement} host @param {GridCourse} course @param {Parts} parts */
  constructor(host, course, parts) {
    this.host = host;
    this.course = course;
    this.parts = parts;
    course.on("begun", () => sayInPanel(host, ""));
    course.on("page", (marked) => this.#show(marked));
    course.on("ended", (why) => sayInPanel(host, why));
    course.on("elsewhere", (why) => {
      parts.tiles.empty();
      sayInPanel(host, why, () => course.begin(true, []));
    });
  }

  /** Whether a page can have been seen. */
  get readable() {
    return this.course.supply.page.length > 0 && performance.now() - this.#seenAt >= LOOK;
  }

  /** How long it has been on the screen. */
  get seconds() {
    return Math.round(performance.now() - this.#seenAt) / 1000;
  }

  /** @param {string[]} marked */
  #show(marked) {
    const { keys, label, tiles } = this.parts;
    const { supply } = this.course;
    const { media, page } = supply;
    this.#seenAt = Infinity;
    if (page.length === 0) return tiles.empty();
    sayInPanel(this.host, "");
    tiles.show(page, keys, label, media, marked);
    tiles.painted.then(() =>
      requestAnimationFrame(() => {
        if (page === supply.page) this.#seenAt = performance.now();
      }),
    );
    return undefined;
  }
}
