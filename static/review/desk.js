// @ts-check
import { Course } from "./course.js";
import { DecisionBar } from "./decision-bar.js";
import { DeskProgress } from "./desk-progress.js";
import { listen } from "./desk-input.js";
import { DeskLife } from "./desk-life.js";
import { DeskNews } from "./desk-news.js";
import { DeskTalk } from "./desk-talk.js";
import { ReviewEvidence } from "./evidence.js";
import { Held } from "./held.js";
import { partOf } from "./make.js";
import { ReviewOptions } from "./options.js";
import { Outbox } from "./outbox.js";
import { answerInWords } from "./payload.js";
import { ReviewStage } from "./stage.js";

/** @typedef {import("./payload.js").Answer} Answer */
/** @typedef {import("./payload.js").Label} Label */

const UNREAD = 120; // ms after paint in which nobody can have read the example

/** Where a reviewer decides: one key an answer, the next example painted at once. Its parts are in
 * the server's markup before this script runs. */
export class ReviewDesk extends HTMLElement {
  start = JSON.parse(this.querySelector("[data-part=start]")?.textContent ?? "{}");
  /** @type {Label[]} */
  labels = this.start.labels;
  #names = new Map(this.labels.map(({ id, name }) => [id, name]));
  /** @type {Outbox} */
  outbox = new Outbox(this.dataset.person ?? "", this.dataset.desk ?? "", () => this.held.asking());
  held = new Held(this.dataset.claim ?? "", () => this.outbox.leases());
  course = new Course(this.held, this.outbox, Number(this.dataset.batch) || null);
  stage = partOf(this, "review-stage", ReviewStage);
  options = partOf(this, "review-options", ReviewOptions);
  evidence = partOf(this, "review-evidence", ReviewEvidence);
  bar = partOf(this, "decision-bar", DecisionBar);
  progress = partOf(this, "desk-progress", DeskProgress);
  talk = new DeskTalk(this);
  news = new DeskNews(this);
  life = new DeskLife(this);
  #shownAt = Infinity;
  #busy = false;

  connectedCallback() {
    this.held.guideline = this.start.guideline_revision;
    this.options.labels = this.labels;
    this.evidence.nameOf = this.nameOf;
    listen(this);
    this.talk.begin();
    this.news.begin();
    this.life.begin(false, this.start.examples);
  }

  /** @param {number} label */
  nameOf = (label) => this.#names.get(label) ?? "a retired label";

  /** @param {string} action @returns {boolean} whether the desk knows it */
  act(action) {
    if (action.startsWith("option:")) {
      const label = this.options.labelOf(action.slice(7));
      if (label !== undefined) this.choose(label);
      return label !== undefined;
    }
    if (this.stage.view?.act(action)) return true;
    /** @type {Record<string, () => unknown>} */
    const acts = {
      confirm: () => this.#confirm(),
      label: () => this.options.typeahead?.open(),
      remove: () => this.#remove(),
      "no-label": () => this.#remove("no_label"),
      skip: () => this.#pass("skip", ""),
      refer: () => this.#refer(),
      note: () => this.course.shown && this.talk.writeNote(),
      undo: () => this.#undo(),
      redo: () => this.#redo(),
      earlier: () => this.#look(-1),
      later: () => this.#look(1),
      leave: () => (this.course.looking === null ? this.life.leave() : this.#look(Infinity)),
    };
    const known = acts[action] ?? (() => this.talk.act(action));
    return known() !== false;
  }

  /** Whether an answer would be one: somebody can have seen the example. */
  get answerable() {
    const { shown } = this.course;
    if (!shown || this.#busy || performance.now() - this.#shownAt < UNREAD) return false;
    const image = this.held.media.get(shown.example);
    return shown.content.type !== "image" || (image !== undefined && "ready" in image.dataset);
  }

  /** @param {number} label */
  choose(label) {
    const verdict = this.course.shown?.given === label ? "confirm" : "relabel";
    this.#answer({ verdict, label, reason: null });
  }

  #confirm() {
    const label = this.course.shown?.given;
    if (typeof label === "number") this.#answer({ verdict: "confirm", label, reason: null });
  }

  /** @param {string} [reason] */
  async #remove(reason) {
    const { shown } = this.course;
    this.options.typeahead?.close();
    const answer = this.answerable && (await this.talk.askRemoval(reason));
    if (answer && this.course.shown === shown) this.#answer(answer);
  }

  /** @param {Answer} answer */
  async #answer(answer) {
    const { shown } = this.course;
    if (!shown || !this.answerable) return;
    let first = null;
    let chosen = answer;
    if (shown.mode === "decide_first" && this.course.looking === null) {
      this.#busy = true;
      const settled = await this.talk.reveal(shown, answer).finally(() => (this.#busy = false));
      if (!settled) return;
      [chosen, first] = [settled, answer];
    }
    const position = this.course.ahead(this.life.progress).done + 1;
    const seconds = Math.round(performance.now() - this.#shownAt) / 1000;
    const earlier = this.course.looking !== null;
    this.course.decide(chosen, { note: this.talk.note, first, position, seconds });
    this.#moveOn(answerInWords(chosen, this.nameOf, shown.given === undefined && !first), earlier);
  }

  /** @param {"skip" | "refer"} kind @param {string} note */
  #pass(kind, note) {
    if (!this.answerable || this.course.looking !== null) return;
    this.course.pass(kind, note);
    this.#moveOn(kind === "skip" ? "Skipped" : "Sent to expert");
  }

  async #refer() {
    const may = this.answerable && this.course.looking === null;
    const note = may ? await this.talk.askNote("refer") : null;
    if (note !== null) this.#pass("refer", note);
  }

  #undo() {
    const was = this.course.undo();
    this.news.undone(was);
    if (was === "shown") this.show();
  }

  #redo() {
    const step = this.course.redo();
    if (!step) return;
    this.#moveOn(step.answer ? answerInWords(step.answer, this.nameOf, false) : "Passed on");
  }

  /** @param {number} by */
  #look(by) {
    if (by === Infinity) this.course.looking = null;
    else if (!this.course.look(by)) return;
    this.show();
  }

  /** @param {string} words what was just done @param {boolean} [earlier] to an earlier one */
  #moveOn(words, earlier = false) {
    if (!earlier) this.held.next();
    this.show();
    this.bar.showLast(words);
    this.news.said(words);
  }

  /** Paint what comes next. */
  show() {
    const example = this.course.shown;
    this.talk.forgetNote();
    this.bar.answerable = example !== null;
    this.#shownAt = Infinity;
    if (example) {
      this.held.decode(example);
      this.stage.show(example, this.held.media.get(example.example));
      this.options.show(example);
      this.evidence.show(example);
      requestAnimationFrame(() => (this.#shownAt = performance.now()));
    } else {
      for (const part of [this.stage, this.options, this.evidence]) part.clear();
    }
    const given = example?.given;
    this.bar.show(typeof given === "number" ? this.nameOf(given) : null);
    if (example && this.options.needsField) this.options.typeahead?.openForFinePointers();
    this.news.showing(this.course.looking);
    this.life.showing(example);
  }
}

customElements.define("review-desk", ReviewDesk);
