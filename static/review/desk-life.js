// @ts-check
import { Away, Refused } from "./calls.js";
import * as say from "./messages.js";
import { broughtBack } from "./payload.js";
import { Teller } from "./teller.js";
import { afterGivingBack, holdDesk } from "./this-tab.js";

/** @typedef {import("./course.js").Course} Course */
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Guideline} Guideline */
/** @typedef {import("./payload.js").Handed} Handed */

const ASK_AGAIN = 15; // seconds, when the server does not say when something comes free
const FEW = 4; // examples ahead below which more are asked for
const TICK = 30_000; // ms between looks at whether leases need renewal
const AT_MOST = 1_000; // ms to wait for what is given back

/** What comes and goes: examples from the server, this tab's turn, the page itself. It tells of
 * `elsewhere` and `ended` why there is no example.
 * @extends {Teller<{begun: null, ended: string, elsewhere: string, lost: null, progress: null,
 *   guideline: Guideline, signin: null}>} */
export class DeskLife extends Teller {
  #mine = false;
  #acknowledged = 0; // answers; a claim's progress from before one of them is old
  /** @type {Promise<void> | null} */
  #asking = null;
  #active = 0;
  #timer = 0;

  /** @param {Course} course @param {string} done where the end of the batch leads */
  constructor(course, done) {
    super();
    this.course = course;
    this.done = done;
    const { held, outbox } = course;
    addEventListener("pagehide", () => this.#hide());
    addEventListener("pageshow", (event) => event.persisted && this.begin(false, []));
    addEventListener("keydown", () => (this.#active = performance.now()), { passive: true });
    addEventListener("pointerdown", () => (this.#active = performance.now()), { passive: true });
    setInterval(() => this.#tick(), TICK);
    course.on("shown", () => course.shown || outbox.pending.length > 0 || this.ask());
    outbox.on("sent", ({ entry, reply }) => this.#sent(entry, reply));
    outbox.on("refused", ({ entry }) => course.refused(entry.key));
    outbox.on("back", () => held.current || this.ask());
    outbox.on("signedin", () => held.current || this.ask());
  }

  /** Take this tab's turn at the batch. @param {boolean} take from another tab
   * @param {Example[]} examples already sent with the page */
  async begin(take, examples) {
    const { course } = this;
    const { held, outbox } = course;
    this.#mine = await holdDesk(outbox.desk, take, () => this.#lost());
    if (!this.#mine) return this.#elsewhere();
    this.tell("begun", null);
    outbox.stopped = false;
    const [left] = await Promise.all([afterGivingBack(examples), outbox.open()]);
    held.add(left, outbox.leases());
    course.next();
    if (held.current) this.ask();
    return undefined;
  }

  /** Ask the server for examples; calls that overlap share one request. */
  ask() {
    clearTimeout(this.#timer);
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask() {
    const { held, outbox, tally } = this.course;
    const quiet = outbox.pending.length === 0;
    const acknowledged = this.#acknowledged;
    try {
      const claimed = await held.claim(outbox.leases());
      const still = quiet && outbox.pending.length === 0 && acknowledged === this.#acknowledged;
      if (claimed.progress && still) tally.progress = claimed.progress;
      this.#take(claimed);
      if (!held.current) this.#ended(claimed);
    } catch (error) {
      if (error instanceof Refused) this.#refused(error);
      else if (error instanceof Away) this.#again(2);
      else throw error;
    }
  }

  /** @param {Partial<Handed>} handed */
  #take({ examples = [], guideline }) {
    const { held, outbox } = this.course;
    held.add(examples, outbox.leases());
    if (guideline && (held.guideline ?? 0) < guideline.revision) {
      held.guideline = guideline.revision;
      this.tell("guideline", guideline);
    }
    if (!held.current && held.ahead.length > 0) this.course.next();
    else this.tell("progress", null);
  }

  /** To the queue, once what is held is back: the next desk may hand it out. */
  async leave() {
    const soon = new Promise((resolve) => setTimeout(resolve, AT_MOST));
    if (this.#mine) await Promise.race([this.#hide(), soon]);
    location.assign("/");
  }

  /** @param {import("./entry.js").Entry} entry @param {import("./payload.js").Reply} reply */
  #sent(entry, reply) {
    const { held, outbox } = this.course;
    this.#acknowledged += 1;
    this.course.acknowledged(entry.key, reply);
    const back = broughtBack(reply);
    if (entry.kind === "undo" && entry.example === 0 && back) this.course.showInstead(back);
    this.#take(reply);
    const last = outbox.pending.length === 0;
    if (last && (!held.current || (held.ahead.length < FEW && !reply.examples?.length))) this.ask();
  }

  /** Nothing came. @param {Handed} handed */
  #ended({ state, with_others: others, next_free_in: free }) {
    if (state === "archived") return this.tell("ended", say.ARCHIVED);
    if (this.course.outbox.pending.length > 0) return;
    if (state === "closed") this.tell("ended", say.CLOSED);
    else if (state === "paused") this.tell("ended", say.PAUSED);
    else if (state === "holds_enough") this.#later(say.ENOUGH);
    else if (state === "done" || others === 0) return location.assign(this.done);
    else this.tell("ended", say.nothingLeft(others, this.course.batch !== null));
    if (state === "open") this.#again(Math.max(2, free ?? ASK_AGAIN));
  }

  /** @param {string} words */
  #later(words) {
    this.tell("ended", words);
    this.#again(ASK_AGAIN);
  }

  /** @param {number} seconds */
  #again(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), seconds * 1000);
  }

  /** @param {Refused} problem */
  #refused({ code, status, wait }) {
    if (status === 401) this.tell("signin", null);
    else if (status === 404) this.tell("ended", say.reassigned(this.course.tally.progress.done));
    else if (code === "batch_closed") this.tell("ended", say.CLOSED);
    else {
      if (status === 429 && !this.course.held.current) this.tell("ended", say.TOO_FAST);
      this.#again(Math.max(5, wait));
    }
  }

  #elsewhere() {
    const { held } = this.course;
    held.ahead = [];
    held.current = null;
    this.tell("elsewhere", say.OTHER_TAB);
  }

  #lost() {
    if (!this.#mine) return;
    this.#mine = false;
    this.course.outbox.stop();
    this.#elsewhere();
    this.tell("lost", null);
  }

  #hide() {
    if (!this.#mine) return undefined;
    const { held, outbox } = this.course;
    this.course.looking = null;
    return held.giveBack(outbox.leases());
  }

  #tick() {
    const active = performance.now() - this.#active < TICK * 4;
    if (this.#mine && active && this.course.held.stale) this.ask();
  }
}
