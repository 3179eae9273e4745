// @ts-check
import { dialogOpen } from "../dialog.js";
import { singleKeys } from "../single-keys.js";
import { CloserDialog } from "./closer-dialog.js";
import { GridHelp } from "./grid-help.js";
import { capOf } from "./places.js";

/** @typedef {import("./grid-course.js").GridCourse} GridCourse */
/** @typedef {import("./grid-view.js").GridView} GridView */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Keys and clicks become actions, once they may. */
export class GridInput {
  #closer = new CloserDialog();
  #help = new GridHelp();

  /** @param {GridCourse} course @param {GridView} view */
  constructor(course, view) {
    this.course = course;
    this.view = view;
    this.tiles = view.parts.tiles;
    this.keys = view.parts.keys;
  }

  /** @param {HTMLElement} host */
  listen(host) {
    host.append(this.#closer, this.#help);
    host.addEventListener("submit", (event) => event.preventDefault());
    host.addEventListener("click", (event) => {
      const button = event.target instanceof Element && event.target.closest("[data-do]");
      if (button instanceof HTMLElement) this.act(button.dataset.do ?? "");
    });
    document.addEventListener("keydown", (event) => {
      if (!dialogOpen() && this.#pressed(event)) event.preventDefault();
    });
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was for the grid */
  #pressed(event) {
    const single = singleKeys();
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      if (!event.repeat) this.act("undo");
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.repeat || event.isComposing) return false;
    const onButton = event.target instanceof Element && event.target.closest("button, a");
    if (event.key === "Enter" && !onButton) this.act("confirm");
    else if (event.key in ARROWS) this.tiles.move(...ARROWS[event.key]);
    else if (event.key === "Escape") this.act("clear");
    else if (event.key === "Delete") this.#mark();
    else if (event.key === " " && single && !onButton) this.act("closer");
    else if (event.key === "?" && single) this.act("help");
    else return this.tiles.toggle(capOf(event, single), this.keys);
    return true;
  }

  /** @param {string} action */
  act(action) {
    const { course, tiles } = this;
    if (action === "confirm") this.#confirm();
    else if (action === "undo") course.undo();
    else if (action === "clear") tiles.clear();
    else if (action === "help") this.#help.ask();
    else if (action === "closer" && tiles.focused) this.#closer.ask(tiles.focused);
  }

  /** Mark the tile that has the focus. */
  #mark() {
    this.tiles.boxes.find((one) => one === document.activeElement)?.click();
  }

  #confirm() {
    if (!this.view.readable) return;
    this.course.confirm(this.tiles.marked, this.tiles.failed, this.view.seconds);
  }
}
