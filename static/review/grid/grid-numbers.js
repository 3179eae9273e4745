// @ts-check
/** @typedef {import("./grid.js").ReviewGrid} ReviewGrid */
/** @typedef {{done: number, size: number, marked: number, seconds_left: number | null}} Numbers */

/** How far the grid is, and what Enter would do. */
export class GridNumbers {
  /** @param {ReviewGrid} grid @param {Numbers} numbers */
  constructor(grid, numbers) {
    this.grid = grid;
    this.numbers = numbers;
  }

  /** @param {Numbers} numbers */
  replace(numbers) {
    this.numbers = numbers;
  }

  /** After a page, or less when it is taken back. @param {number} done @param {number} marked */
  add(done, marked) {
    const { numbers } = this;
    this.numbers = { ...numbers, done: numbers.done + done, marked: numbers.marked + marked };
  }

  /** What would be confirmed, and what was marked. */
  count() {
    const { tiles } = this.grid;
    const marks = new Set([...tiles.marked, ...tiles.failed]).size;
    this.#say("count", String(tiles.boxes.length - marks));
    const go = marks === 1 ? "goes" : "go";
    this.#say("marks", marks ? `${marks} marked ${go} to the review desk` : "");
  }

  show() {
    const { done, marked, seconds_left: left, size } = this.numbers;
    this.grid.progress.show(/** @type {any} */ (this.numbers));
    const pages = Math.ceil((size - done) / this.grid.keys.length);
    const time = left === null ? "" : `, about ${Math.max(1, Math.round(left / 60))} min`;
    this.#say("left", `${pages} ${pages === 1 ? "page" : "pages"} left${time}`);
    this.#say("marked", `${marked} sent to the desk`)?.toggleAttribute("hidden", !marked);
    this.grid.news.changed();
  }

  /** @param {string} words read out to those who do not see the page */
  tell(words) {
    const { done, size } = this.numbers;
    this.#say("live", `${words}. ${done} of ${size}`);
  }

  /** @param {string} name @param {string} words */
  #say(name, words) {
    const part = this.grid.querySelector(`[data-part=${name}]`);
    if (part && part.textContent !== words) part.textContent = words;
    return part;
  }
}
