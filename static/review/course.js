// @ts-check
import { counted, sent } from "./payload.js";

/** @typedef {import("./payload.js").Answer} Answer */
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Progress} Progress */
/** @typedef {import("./held.js").Held} Held */
/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {{example: Example, kind: "decision" | "skip" | "refer", answer: Answer | null,
 *   key: string, seq: number | null}} Step */
/** @typedef {{note: string, first: Answer | null, position: number, seconds: number}} Beside */

const REMEMBERED = 500; // steps; the server knows the rest

/** What was done with which example, in order: answering, undoing, looking back. */
export class Course {
  /** @type {Step[]} */
  steps = [];
  /** @type {{step: Step, undo: string}[]} `undo` is "" when nothing had been sent */
  undone = [];
  /** @type {number | null} the earlier step that is looked at */
  looking = null;
  /** @type {Map<string, [string, number]>} what unsent answers add to the progress */
  #ahead = new Map();

  /** @param {Held} held @param {Outbox} outbox @param {number | null} batch */
  constructor(held, outbox, batch) {
    this.held = held;
    this.outbox = outbox;
    this.batch = batch;
  }

  /** The example on the screen. @returns {Example | null} */
  get shown() {
    return this.looking === null ? this.held.current : this.steps[this.looking].example;
  }

  /** @param {Answer} answer @param {Beside} beside */
  decide(answer, beside) {
    if (this.looking !== null) return this.#replace(this.steps[this.looking], answer, beside);
    const step = this.#finish("decision", answer);
    if (step) this.#send(step, beside);
    return undefined;
  }

  /** @param {"skip" | "refer"} kind @param {string} note */
  pass(kind, note) {
    const step = this.#finish(kind, null);
    if (!step) return;
    const payload = kind === "refer" ? { note } : {};
    this.#add(kind, step, { ...payload, key: step.key, lease: step.example.lease });
  }

  /** Take back the last step. @returns {"shown" | "asked" | "passed" | "none"} whether its example
   * is shown again, asked for, was passed on for good, or there is none */
  undo() {
    this.looking = null;
    const step = this.steps.pop();
    const key = crypto.randomUUID();
    if (!step) {
      if (!this.batch) return "none";
      const payload = { key, batch: this.batch };
      this.outbox.add({ kind: "undo", key, example: 0, name: "", payload });
      return "asked";
    }
    this.#ahead.delete(step.key);
    if (this.outbox.takeBack(step.key)) {
      this.undone.push({ step, undo: "" });
      this.held.showInstead(step.example);
      return "shown";
    }
    if (step.kind !== "decision") return "passed";
    this.undone.push({ step, undo: key });
    this.#ahead.set(key, [step.answer?.verdict ?? "", -1]);
    const place = this.batch ? { batch: this.batch } : { example: step.example.example };
    this.#add("undo", step, { key, seq: step.seq, ...place }, step.key);
    this.held.showInstead({ ...step.example, lease: "", leaseFrom: key });
    return "shown";
  }

  /** @returns {Step | null} the step that stands again */
  redo() {
    const last = this.undone.pop();
    const example = this.held.current;
    if (!last || !example || this.looking !== null) return null;
    const { step, undo } = last;
    this.held.answered(example);
    this.steps.push(step);
    if (undo && this.outbox.takeBack(undo)) this.#ahead.delete(undo);
    else if (undo) this.#redoSent(step);
    else this.#sendAgain(step, example);
    return step;
  }

  /** @param {Step} step */
  #redoSent(step) {
    const key = crypto.randomUUID();
    this.#ahead.set(key, [step.answer?.verdict ?? "", 1]);
    const payload = { key, seq: step.seq, example: step.example.example };
    this.#add("redo", step, payload, step.key);
  }

  /** @param {Step} step taken back before it left @param {Example} example */
  #sendAgain(step, example) {
    step.key = crypto.randomUUID();
    step.example = example;
    const nothing = { note: "", first: null, position: 0, seconds: 0 };
    if (step.kind === "decision") this.#send(step, nothing);
    else this.#add(step.kind, step, { key: step.key, lease: example.lease });
  }

  /** @param {number} by -1 earlier, 1 later @returns {boolean} whether another is shown */
  look(by) {
    let at = (this.looking ?? this.steps.length) + by;
    while (at >= 0 && at < this.steps.length && this.steps[at].kind !== "decision") at += by;
    if (at < 0 || at > this.steps.length) return false;
    this.looking = at === this.steps.length ? null : at;
    return true;
  }

  /** Note what the server stored. @param {string} key @param {any} reply
   * @returns {[string, number] | undefined} what it adds to the progress */
  acknowledged(key, reply) {
    const added = this.#ahead.get(key);
    this.#ahead.delete(key);
    const steps = [...this.steps, ...this.undone.map((last) => last.step)];
    for (const step of steps) {
      if (step.key === key && reply.seq) step.seq = reply.seq;
    }
    const here = [this.held.current, ...this.held.ahead, ...steps.map((step) => step.example)];
    for (const example of here) {
      if (!reply.example?.lease || example?.leaseFrom !== key) continue;
      example.lease = reply.example.lease;
      delete example.leaseFrom;
    }
    return added;
  }

  /** The server's progress and what is still on its way. @param {Progress} progress */
  ahead(progress) {
    return [...this.#ahead.values()].reduce(counted, progress);
  }

  /** @param {Step["kind"]} kind @param {Answer | null} answer @returns {Step | null} */
  #finish(kind, answer) {
    const example = this.held.current;
    if (!example) return null;
    const step = { example, kind, answer, key: crypto.randomUUID(), seq: null };
    this.steps.push(step);
    if (this.steps.length > REMEMBERED) this.steps.shift();
    this.undone = [];
    this.held.answered(example);
    return step;
  }

  /** @param {Step} step @param {Beside} beside */
  #send(step, { note, first, position, seconds }) {
    const { example, answer, key } = step;
    this.#ahead.set(key, [answer?.verdict ?? "", 1]);
    const payload = { key, lease: example.lease || null, ...sent(answer), note: note || null };
    if (first) Object.assign(payload, { first_answer: sent(first) });
    this.#add("decision", step, { ...payload, position, browser_seconds: seconds });
  }

  /** An earlier answer is replaced by a new one. @param {Step} step @param {Answer} answer
   * @param {Beside} beside */
  #replace(step, answer, beside) {
    const before = step.key;
    const seq = step.seq;
    const unsent = this.outbox.takeBack(before);
    this.#ahead.delete(before);
    step.key = crypto.randomUUID();
    step.answer = answer;
    step.seq = null;
    this.looking = null;
    if (unsent) return this.#send(step, beside);
    const { example } = step.example;
    const payload = { key: step.key, supersedes: seq, example, ...sent(answer), note: beside.note || null };
    this.#add("decision", step, payload, seq ? "" : before);
    return undefined;
  }

  /** @param {import("./outbox-store.js").Entry["kind"]} kind @param {Step} step
   * @param {Record<string, any>} payload @param {string} [seqFrom] */
  #add(kind, step, payload, seqFrom = "") {
    const { example, key: name, leaseFrom } = step.example;
    const waits = {
      ...(leaseFrom && kind !== "undo" && kind !== "redo" ? { leaseFrom } : {}),
      ...(seqFrom && !payload.seq && !payload.supersedes ? { seqFrom } : {}),
    };
    this.outbox.add({ kind, key: payload.key, example, name, payload, ...waits });
  }
}
