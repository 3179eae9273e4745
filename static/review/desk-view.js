// @ts-check
import { sayInPanel } from "./make.js";

/** @typedef {import("./course.js").Course} Course */
/** @typedef {import("./desk-life.js").DeskLife} DeskLife */
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./project-words.js").ProjectWords} ProjectWords */
/**
 * @typedef {{course: Course, life: DeskLife, words: ProjectWords}} Model what is painted
 * @typedef {{stage: import("./stage.js").ReviewStage, options: import("./options.js").ReviewOptions,
 *   evidence: import("./evidence.js").ReviewEvidence, bar: import("./decision-bar.js").DecisionBar,
 *   progress: import("./desk-progress.js").DeskProgress}} Parts where
 */

const UNREAD = 120; // ms after paint in which nobody can have read the example

/** Paints what the course and its life tell: the example at hand, and how far the batch is. */
export class DeskView {
  #shownAt = Infinity;

  /** @param {HTMLElement} host @param {Model} model @param {Parts} parts */
  constructor(host, { course, life, words }, parts) {
    this.host = host;
    this.course = course;
    this.words = words;
    this.parts = parts;
    course.on("shown", () => this.#show());
    course.on("more", () => this.#showMore());
    course.outbox.on("change", () => this.#showProgress());
    life.on("progress", () => this.#showProgress());
    life.on("ended", (why) => sayInPanel(host, why));
    life.on("begun", () => sayInPanel(host, ""));
    life.on("elsewhere", (why) => sayInPanel(host, why, () => life.begin(true, [])));
    life.on("lost", () => this.#clear());
  }

  /** Whether somebody can have seen the example. @param {Example} example */
  readable({ content, example }) {
    if (performance.now() - this.#shownAt < UNREAD) return false;
    const image = this.course.held.media.get(example);
    return !content.url || (image !== undefined && "ready" in image.dataset);
  }

  /** How long it has been on the screen. */
  get seconds() {
    return Math.round(performance.now() - this.#shownAt) / 1000;
  }

  #show() {
    const { held, shown: example } = this.course;
    const { bar, options, stage } = this.parts;
    bar.answerable = example !== null;
    this.#shownAt = Infinity;
    if (example) {
      held.decode(example);
      stage.show(example, held.media.get(example.example));
      this.#showBeside();
      requestAnimationFrame(() => (this.#shownAt = performance.now()));
    } else this.#clear();
    if (example && options.needsField) options.typeahead?.openForFinePointers();
    this.#showProgress();
    if (example) sayInPanel(this.host, "");
  }

  /** What stands beside the example, as far as it may be seen. */
  #showBeside() {
    const { earlier, shown: example } = this.course;
    if (!example) return;
    const { bar, evidence, options } = this.parts;
    options.show({ ...example, ...earlier?.told });
    evidence.show(example);
    bar.show(typeof example.given === "number" ? this.words.named(example.given) : null);
  }

  #showMore() {
    const { shown } = this.course;
    if (shown) this.parts.stage.showMore(shown);
    this.#showBeside();
  }

  #clear() {
    const { bar, evidence, options, stage } = this.parts;
    for (const part of [stage, options, evidence]) part.clear();
    bar.show(null);
  }

  #showProgress() {
    const { outbox, tally } = this.course;
    this.parts.progress.show(tally.now);
    this.parts.progress.showSaving(outbox.pending.length, outbox.held !== "");
  }
}
