// @ts-check
import { Course } from "./course.js";
import { DecisionBar } from "./decision-bar.js";
import { DeskInput } from "./desk-input.js";
import { DeskLife } from "./desk-life.js";
import { DeskNews } from "./desk-news.js";
import { DeskProgress } from "./desk-progress.js";
import { DeskTalk } from "./desk-talk.js";
import { DeskView } from "./desk-view.js";
import { ReviewEvidence } from "./evidence.js";
import { Held } from "./held.js";
import { partOf } from "./make.js";
import { ReviewOptions } from "./options.js";
import { Outbox } from "./outbox.js";
import { ProjectWords } from "./project-words.js";
import { RangeBars } from "./range-bar.js";
import { ReviewStage } from "./stage.js";
import { Tally } from "./tally.js";

/** Where a reviewer decides: one key an answer, the next example painted at once. Its parts are in
 * the server's markup before this script runs.
 *
 * It puts together what knows nothing of it, and each of what only those before it: what is held,
 * sent and counted; the course, which changes them; the life, which feeds it; then what hears of
 * all that and paints; last what a key or a button does. */
export class ReviewDesk extends HTMLElement {
  /** @type {import("./payload.js").Start} */
  #start = JSON.parse(this.querySelector("[data-part=start]")?.textContent ?? "{}");
  words = new ProjectWords(this.#start);
  labels = this.words.labels;
  held = new Held(this.dataset.claim ?? "", this.#start.guideline_revision);
  outbox = new Outbox(this.dataset.person ?? "", this.dataset.desk ?? "", this.held);
  #tally = new Tally(this.#start.progress);
  course = new Course(this.held, this.outbox, this.#tally, Number(this.dataset.batch) || null);
  #life = new DeskLife(this.course, this.dataset.done ?? "/");
  #model = { course: this.course, life: this.#life, words: this.words };
  #parts = {
    stage: partOf(this, "review-stage", ReviewStage),
    options: partOf(this, "review-options", ReviewOptions),
    evidence: partOf(this, "review-evidence", ReviewEvidence),
    bar: partOf(this, "decision-bar", DecisionBar),
    progress: partOf(this, "desk-progress", DeskProgress),
  };
  #view = new DeskView(this, this.#model, this.#parts);
  #talk = new DeskTalk(this, this.#model, this.#parts);
  #news = new DeskNews(this, this.#model, this.#parts, this.#talk);
  #input = new DeskInput(this.#model, this.#view, this.#talk);

  connectedCallback() {
    this.#parts.options.labels = this.labels;
    this.#parts.evidence.named = this.words.named;
    this.#parts.stage.bars = new RangeBars(this.#start.ranges, this.words.nameOf);
    this.#input.listen(this);
    this.#talk.begin();
    this.#news.begin();
    this.#life.begin(false, this.#start.examples);
  }

  /** @param {string} action @returns {boolean} whether the desk knows it */
  act(action) {
    return this.#input.act(action);
  }

  get answerable() {
    return this.#input.answerable;
  }
}

customElements.define("review-desk", ReviewDesk);
