// @ts-check
/** @typedef {import("./grid-course.js").GridCourse} GridCourse */
/** @typedef {import("./grid-view.js").Parts} Parts */

/** How far the grid is, and what Enter would do. */
export class GridNumbers {
  /** @param {HTMLElement} host @param {GridCourse} course @param {Parts} parts */
  constructor(host, course, parts) {
    this.host = host;
    this.course = course;
    this.parts = parts;
  }

  begin() {
    const { course, parts } = this;
    parts.tiles.addEventListener("marks", () => this.#count());
    course.on("page", () => {
      this.#count();
      this.#show();
    });
    course.on("progress", () => this.#show());
    course.on("done", ({ confirmed }) => this.#tell(`${confirmed} confirmed as ${parts.label}`));
  }

  /** What would be confirmed, and what was marked. */
  #count() {
    const { tiles } = this.parts;
    const marks = new Set([...tiles.marked, ...tiles.failed]).size;
    this.#say("count", String(tiles.boxes.length - marks));
    const go = marks === 1 ? "goes" : "go";
    this.#say("marks", marks ? `${marks} marked ${go} to the review desk` : "");
  }

  #show() {
    const { numbers } = this.course;
    const { done, marked, seconds_left: left, size } = numbers;
    this.parts.progress.show(numbers);
    const pages = Math.ceil((size - done) / this.parts.keys.length);
    const time = left === null ? "" : `, about ${Math.max(1, Math.round(left / 60))} min`;
    this.#say("left", `${pages} ${pages === 1 ? "page" : "pages"} left${time}`);
    this.#say("marked", `${marked} sent to the desk`)?.toggleAttribute("hidden", !marked);
  }

  /** @param {string} words read out to those who do not see the page */
  #tell(words) {
    const { done, size } = this.course.numbers;
    this.#say("live", `${words}. ${done} of ${size}`);
  }

  /** @param {string} name @param {string} words */
  #say(name, words) {
    const part = this.host.querySelector(`[data-part=${name}]`);
    if (part && part.textContent !== words) part.textContent = words;
    return part;
  }
}
