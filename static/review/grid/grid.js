// @ts-check
import { DeskProgress } from "../desk-progress.js";
import { partOf } from "../make.js";
import { Outbox } from "../outbox.js";
import { GridCourse } from "./grid-course.js";
import { GridInput } from "./grid-input.js";
import { GridNews } from "./grid-news.js";
import { GridNumbers } from "./grid-numbers.js";
import { GridView } from "./grid-view.js";
import { Supply } from "./supply.js";
import { GridTiles } from "./tiles.js";

/** @typedef {import("../payload.js").Example} Example */

/** Pages of tiles with one given label: what is not marked is confirmed at once.
 *
 * It puts together what knows nothing of it, as the desk does: what is supplied and sent, the
 * course, then what hears of it and paints, last what a key or a button does. */
export class ReviewGrid extends HTMLElement {
  /** @type {{examples: Example[], progress: import("./supply.js").Numbers}} */
  #start = JSON.parse(this.querySelector("[data-part=start]")?.textContent ?? "{}");
  #batch = Number(this.dataset.batch);
  #parts = {
    tiles: partOf(this, "grid-tiles", GridTiles),
    progress: partOf(this, "desk-progress", DeskProgress),
    keys: this.dataset.keys ?? "",
    label: this.dataset.label ?? "",
  };
  supply = new Supply(this.#batch, this.#parts.keys.length);
  outbox = new Outbox(this.dataset.person ?? "", `grid/${this.#batch}`, this.supply);
  #course = new GridCourse(this.#batch, this.supply, this.outbox, this.#start.progress);
  #view = new GridView(this, this.#course, this.#parts);
  #news = new GridNews(this.#course, this.#parts);
  #input = new GridInput(this.#course, this.#view);

  connectedCallback() {
    new GridNumbers(this, this.#course, this.#parts).begin();
    this.#input.listen(this);
    this.#news.begin(this);
    if (!("refused" in this.dataset)) this.#course.begin(false, this.#start.examples);
  }

  get answerable() {
    return this.#view.readable;
  }
}

customElements.define("review-grid", ReviewGrid);
