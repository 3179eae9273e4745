// @ts-check
import * as say from "./entry.js";
import { broughtBack } from "./payload.js";
import { Teller } from "./teller.js";

/** @typedef {import("./held.js").Held} Held */
/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./payload.js").Answer} Answer */
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./entry.js").Beside} Beside */
/** @typedef {import("./entry.js").Passing} Passing @typedef {import("./entry.js").Step} Step */
/** `unseen`: whether the given label was hidden all along
 * @typedef {{answer: Answer | null, passing: Passing | null, unseen?: boolean, again?: boolean}} Done
 * @typedef {"shown" | "asked" | "none"} Undone the example is shown again, asked for, or there is none */

const REMEMBERED = 500; // steps; the server knows the rest
const NOTHING = { note: "", position: 0, seconds: 0 };

/** What was done with which example, in order: answering, undoing, looking back. It tells `shown`
 * whenever another example, or none, is at hand, and `more` when more of it is known.
 * @extends {Teller<{shown: null, more: null, done: Done, undone: Undone}>} */
export class Course extends Teller {
  /** @type {Step[]} */
  steps = [];
  /** @type {{step: Step, undo: string}[]} `undo` is "" when nothing had been sent */
  undone = [];
  /** @type {number | null} the earlier step that is looked at */
  looking = null;

  /** @param {Held} held @param {Outbox} outbox @param {import("./tally.js").Tally} tally
   * @param {number | null} batch */
  constructor(held, outbox, tally, batch) {
    super();
    this.held = held;
    this.outbox = outbox;
    this.tally = tally;
    this.batch = batch;
  }

  /** The example on the screen. @returns {Example | null} */
  get shown() {
    return this.earlier ? this.earlier.example : this.held.current;
  }

  /** The earlier step that is looked at. */
  get earlier() {
    return this.looking === null ? null : this.steps[this.looking];
  }

  /** The next example comes forward. */
  next() {
    this.held.next();
    this.tell("shown", null);
  }

  /** An earlier example comes first. @param {Example} example */
  showInstead(example) {
    this.held.showInstead(example);
    this.tell("shown", null);
  }

  /** @param {Answer} answer @param {Beside} beside */
  decide(answer, beside) {
    const unseen = this.shown?.given === undefined;
    if (this.earlier) {
      this.#replace(this.earlier, answer, beside);
      this.tell("shown", null);
    } else {
      const step = this.#finish(answer, null);
      if (step) this.#send(step, answer, beside);
      this.next();
    }
    this.tell("done", { answer, passing: null, unseen });
  }

  /** @param {Passing} passing @param {string} note */
  pass(passing, note) {
    const step = this.#finish(null, passing);
    if (!step) return;
    if (passing === "refer") step.note = note;
    this.outbox.add(say.passedOn(step, passing));
    this.next();
    this.tell("done", { answer: null, passing });
  }

  undo() {
    const undone = this.#takeBack();
    this.tell("undone", undone);
    if (undone === "shown") this.tell("shown", null);
  }

  /** Take back the last step. @returns {Undone} */
  #takeBack() {
    this.looking = null;
    const step = this.steps.pop();
    const key = crypto.randomUUID();
    if (!step) {
      if (!this.batch) return "none";
      this.outbox.add(say.lastUndone(key, this.batch));
      return "asked";
    }
    this.tally.forget(step.key);
    const unsent = this.outbox.takeBack(step.key);
    this.undone.push({ step, undo: unsent ? "" : key });
    if (!unsent && step.answer) this.tally.expect(key, [step.answer.verdict, -1]);
    if (!unsent) this.outbox.add(say.undone(step, key, this.batch));
    this.held.showInstead(unsent ? step.example : { ...step.example, lease: "", leaseFrom: key });
    return "shown";
  }

  /** Do again what was undone last. */
  redo() {
    const last = this.undone.pop();
    const example = this.held.current;
    if (!last || !example || this.looking !== null) return;
    const { step, undo } = last;
    const { answer, passing } = step;
    this.held.answered(example);
    this.steps.push(step);
    if (undo && this.outbox.takeBack(undo)) this.tally.forget(undo);
    else if (undo && answer) {
      const key = crypto.randomUUID();
      this.tally.expect(key, [answer.verdict, 1]);
      this.outbox.add(say.redone(step, key));
    } else this.#sendAgain(step, example);
    this.next();
    this.tell("done", { answer, passing, again: true });
  }

  /** @param {Step} step taken back before it left, or passed on once more @param {Example} example */
  #sendAgain(step, example) {
    step.key = crypto.randomUUID();
    step.example = example;
    step.seq = null;
    if (step.answer) this.#send(step, step.answer, NOTHING);
    else if (step.passing) this.outbox.add(say.passedOn(step, step.passing));
  }

  /** The server did not take it back: there is nothing to do again. @param {string} key */
  refused(key) {
    this.undone = this.undone.filter(({ undo }) => undo !== key);
    this.tally.forget(key);
    if (this.held.current?.leaseFrom === key) this.next();
  }

  /** @param {number} by -1 earlier, 1 later, Infinity back to the example that waits */
  look(by) {
    const end = this.steps.length;
    let at = by === Infinity ? end : (this.looking ?? end) + by;
    while (at >= 0 && at < end && !this.steps[at].answer) at += by;
    if (at < 0 || at > end) return;
    this.looking = at === end ? null : at;
    this.tell("shown", null);
  }

  /** Note what the server stored. @param {string} key @param {import("./payload.js").Reply} reply */
  acknowledged(key, reply) {
    this.tally.settle(key, reply);
    const steps = [...this.steps, ...this.undone.map((last) => last.step)];
    for (const step of steps) if (step.key === key) say.stored(step, reply);
    if (this.earlier?.key === key) this.tell("more", null);
    const lease = broughtBack(reply)?.lease;
    const here = [this.held.current, ...this.held.ahead, ...steps.map((step) => step.example)];
    for (const one of here) if (lease && one?.leaseFrom === key) say.held(one, lease);
  }

  /** @param {Answer | null} answer @param {Passing | null} passing @returns {Step | null} */
  #finish(answer, passing) {
    const example = this.held.current;
    if (!example) return null;
    const step = { example, answer, passing, key: crypto.randomUUID(), seq: null };
    this.steps.push(step);
    if (this.steps.length > REMEMBERED) this.steps.shift();
    this.undone = [];
    this.held.answered(example);
    return step;
  }

  /** @param {Step} step @param {Answer} answer @param {Beside} beside */
  #send(step, answer, beside) {
    this.tally.expect(step.key, [answer.verdict, 1]);
    this.outbox.add(say.answered(step, answer, beside));
  }

  /** An earlier answer is replaced by a new one. @param {Step} step @param {Answer} answer
   * @param {Beside} beside */
  #replace(step, answer, beside) {
    const before = { key: step.key, seq: step.seq };
    const unsent = this.outbox.takeBack(before.key);
    this.tally.forget(before.key);
    step.key = crypto.randomUUID();
    step.answer = answer;
    step.seq = null;
    this.looking = null;
    if (unsent) this.#send(step, answer, beside);
    else this.outbox.add(say.replaced(step, answer, beside.note, before));
  }
}
