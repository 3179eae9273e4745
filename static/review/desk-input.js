// @ts-check
import { dialogOpen } from "./dialog.js";
import { actionOf, isField, letterOf } from "./keys.js";
import { singleKeys, tellSingleKeys } from "./single-keys.js";

/** @typedef {import("./desk-talk.js").DeskTalk} DeskTalk */
/** @typedef {import("./desk-view.js").DeskView} DeskView */
/** @typedef {import("./desk-view.js").Model} Model */
/** @typedef {import("./payload.js").Answer} Answer */

/** Keys and clicks become actions, once they may. */
export class DeskInput {
  #busy = false;

  /** @param {Model} model @param {DeskView} view @param {DeskTalk} talk */
  constructor({ course, life }, view, talk) {
    this.course = course;
    this.life = life;
    this.view = view;
    this.talk = talk;
    this.options = view.parts.options;
  }

  /** @param {HTMLElement} host */
  listen(host) {
    tellSingleKeys();
    addEventListener("online", () => tellSingleKeys());
    document.addEventListener("keydown", (event) => {
      if (dialogOpen() || isField(event.target)) return;
      const action = actionOf(event, singleKeys()) || letterOf(event, singleKeys());
      if (action && this.act(action)) event.preventDefault();
    });
    host.addEventListener("submit", (event) => event.preventDefault());
    host.addEventListener("label", (event) =>
      this.choose(/** @type {CustomEvent<{label: number}>} */ (event).detail.label),
    );
    host.addEventListener("action", (event) =>
      this.act(/** @type {CustomEvent<{action: string}>} */ (event).detail.action),
    );
    host.addEventListener("click", (event) => {
      const button = event.target instanceof Element && event.target.closest("[data-do]");
      const opened = event.ctrlKey || event.metaKey || event.shiftKey; // in another tab
      if (!(button instanceof HTMLElement) || (button instanceof HTMLAnchorElement && opened)) return;
      if (button instanceof HTMLAnchorElement) event.preventDefault();
      this.act(button.dataset.do ?? "");
    });
  }

  /** @param {string} action @returns {boolean} whether the desk knows it */
  act(action) {
    if (action.startsWith("option:")) {
      const label = this.options.labelOf(action.slice(7));
      if (label !== undefined) this.choose(label);
      return label !== undefined;
    }
    if (this.view.parts.stage.view?.act(action)) return true;
    const { course, talk } = this;
    /** @type {Record<string, () => unknown>} */
    const acts = {
      confirm: () => this.#confirm(),
      label: () => this.options.typeahead?.open(),
      remove: () => this.#remove(),
      "no-label": () => this.#remove("no_label"),
      skip: () => this.#mayPass && course.pass("skip", ""),
      refer: () => this.#refer(),
      note: () => course.shown && talk.writeNote(),
      undo: () => course.undo(),
      redo: () => course.redo(),
      earlier: () => course.look(-1),
      later: () => course.look(1),
      queue: () => this.life.leave(),
      leave: () => (course.looking === null ? this.life.leave() : course.look(Infinity)),
    };
    const known = acts[action];
    if (!known) return talk.act(action);
    known();
    return true;
  }

  /** Whether an answer would be one: somebody can have seen the example. */
  get answerable() {
    const { shown } = this.course;
    return shown !== null && !this.#busy && this.view.readable(shown);
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
    const { course, talk } = this;
    const { shown } = course;
    if (!shown || !this.answerable) return;
    let chosen = answer;
    if (shown.mode === "decide_first" && course.looking === null) {
      this.#busy = true;
      const settled = await talk.reveal(shown, answer).finally(() => (this.#busy = false));
      if (!settled || course.shown !== shown) return;
      chosen = settled;
    }
    const position = course.tally.now.done + 1;
    course.decide(chosen, { note: talk.note, position, seconds: this.view.seconds });
  }

  get #mayPass() {
    return this.answerable && this.course.looking === null;
  }

  async #refer() {
    const note = this.#mayPass ? await this.talk.askNote("refer") : null;
    if (note !== null && this.#mayPass) this.course.pass("refer", note);
  }
}
