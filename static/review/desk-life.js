// @ts-check
import { Away, Refused } from "./calls.js";
import { afterGivingBack } from "./given-back.js";
import * as say from "./messages.js";
import { make } from "./make.js";
import { counted } from "./payload.js";
import { holdDesk } from "./this-tab.js";

/** @typedef {import("./desk.js").ReviewDesk} ReviewDesk */
/** @typedef {import("./payload.js").Claimed} Claimed */
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Progress} Progress */

const ASK_AGAIN = 15; // seconds, when the server does not say when something comes free
const FEW = 4; // examples ahead below which more are asked for
const TICK = 30_000; // ms between looks at whether leases need renewal

/** What comes and goes: examples from the server, this tab's turn, the page itself. */
export class DeskLife {
  #mine = false;
  #acknowledged = 0; // answers; a claim's progress from before one of them is old
  /** @type {Promise<void> | null} */
  #asking = null;
  #active = 0;
  #timer = 0;

  /** @param {ReviewDesk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Progress} */
    this.progress = desk.start.progress;
    addEventListener("pagehide", () => this.#hide());
    addEventListener("pageshow", (event) => event.persisted && this.begin(false, []));
    addEventListener("keydown", () => (this.#active = performance.now()), { passive: true });
    addEventListener("pointerdown", () => (this.#active = performance.now()), { passive: true });
    setInterval(() => this.#tick(), TICK);
    desk.outbox.addEventListener("sent", (event) => {
      const { entry, reply } = /** @type {CustomEvent} */ (event).detail;
      this.#sent(entry, reply);
    });
    desk.outbox.addEventListener("back", () => this.desk.held.current || this.ask());
  }

  /** Take this tab's turn at the batch. @param {boolean} take from another tab
   * @param {Example[]} examples already sent with the page */
  async begin(take, examples) {
    const { desk } = this;
    this.#mine = await holdDesk(desk.outbox.desk, take, () => this.#lost());
    if (!this.#mine) return this.#elsewhere();
    this.#panel("");
    desk.outbox.stopped = false;
    const [held] = await Promise.all([
      afterGivingBack(examples),
      desk.outbox.open(),
    ]);
    desk.held.add(held);
    desk.held.next();
    desk.show();
    if (desk.held.current) this.ask();
    return undefined;
  }

  /** Ask the server for examples; calls that overlap share one request. */
  ask() {
    clearTimeout(this.#timer);
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask() {
    const { held, outbox } = this.desk;
    const quiet = outbox.pending.length === 0;
    const acknowledged = this.#acknowledged;
    try {
      const claimed = await held.claim();
      const still = quiet && outbox.pending.length === 0 && acknowledged === this.#acknowledged;
      if (claimed.progress && still) this.progress = claimed.progress;
      this.take(claimed, true);
    } catch (error) {
      if (error instanceof Refused) this.#refused(error);
      else if (error instanceof Away) this.#again(2);
      else throw error;
    }
  }

  /** @param {Claimed} claimed @param {boolean} whole whether it answers a claim */
  take(claimed, whole) {
    const { held } = this.desk;
    held.add(claimed.examples ?? []);
    if (claimed.guideline) this.desk.news.newGuideline(claimed.guideline);
    if (!held.current && held.next()) this.desk.show();
    else this.showProgress();
    if (!held.current && whole) this.#ended(claimed);
  }

  showProgress() {
    const { course, outbox, progress } = this.desk;
    progress.show(course.ahead(this.progress));
    progress.showSaving(outbox.pending.length, outbox.held !== "");
  }

  /** @param {Example | null} example what the desk shows now */
  showing(example) {
    this.desk.news.changed();
    if (example) this.#panel("");
    else if (this.desk.outbox.pending.length === 0) this.ask();
  }

  leave() {
    location.assign("/");
  }

  /** @param {import("./outbox-store.js").Entry} entry @param {any} reply */
  #sent(entry, reply) {
    const { course, held, outbox } = this.desk;
    this.#acknowledged += 1;
    const added = course.acknowledged(entry.key, reply);
    if (added) this.progress = counted(this.progress, added);
    if (entry.kind === "undo" && entry.example === 0 && reply.example) {
      held.showInstead(reply.example);
      this.desk.show();
    }
    this.take(reply, false);
    const last = outbox.pending.length === 0;
    if (last && (!held.current || (held.ahead.length < FEW && !reply.examples?.length))) this.ask();
  }

  /** @param {Claimed} claimed nothing came */
  #ended({ state, with_others: others = 0, next_free_in: free = null }) {
    if (this.desk.outbox.pending.length > 0) return;
    if (state === "closed") this.#panel(say.CLOSED);
    else if (state === "paused") this.#panel(say.PAUSED);
    else if (state === "done" || others === 0) return this.#done();
    else this.#panel(say.nothingLeft(others));
    if (state === "open") this.#again(Math.max(2, free ?? ASK_AGAIN));
  }

  #done() {
    location.assign(this.desk.dataset.done ?? "/");
  }

  /** @param {number} seconds */
  #again(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), seconds * 1000);
  }

  /** @param {Refused} problem */
  #refused(problem) {
    if (problem.status === 401) return this.desk.news.signIn();
    if (problem.status === 404) return this.#panel(say.reassigned(this.progress.done));
    if (problem.code === "batch_closed") return this.#panel(say.CLOSED);
    this.#again(Math.max(5, problem.wait));
    return undefined;
  }

  #elsewhere() {
    this.desk.held.ahead = [];
    this.desk.held.current = null;
    const here = make("button", { type: "button", class: "button" }, "Use it here");
    here.addEventListener("click", () => this.begin(true, []));
    this.#panel(say.OTHER_TAB, here);
  }

  #lost() {
    if (!this.#mine) return;
    this.#mine = false;
    this.desk.outbox.stop();
    this.#elsewhere();
    for (const part of [this.desk.stage, this.desk.options, this.desk.evidence]) part.clear();
  }

  #hide() {
    if (!this.#mine) return;
    this.desk.held.giveBack();
    this.desk.course.looking = null;
  }

  #tick() {
    const active = performance.now() - this.#active < TICK * 4;
    if (this.#mine && active && this.desk.held.stale) this.ask();
  }

  /** @param {string} words @param {...Node} more */
  #panel(words, ...more) {
    const panel = this.desk.querySelector("[data-part=panel]");
    panel?.toggleAttribute("hidden", !words);
    panel?.replaceChildren(...(words ? [make("p", {}, words), ...more] : []));
  }
}
