// @ts-check
import { Away, Refused, post } from "./calls.js";
import { PATHS, REVERSES, leasesOf, resolve } from "./entry.js";
import { OutboxStore } from "./outbox-store.js";
import { Teller } from "./teller.js";

/** @typedef {import("./entry.js").DecisionPayload} DecisionPayload */
/** @typedef {import("./entry.js").Entry} Entry @typedef {import("./entry.js").Given} Given */
/** @typedef {import("./payload.js").Asking} Asking */
/** @typedef {import("./payload.js").Reply} Reply */
/** @typedef {"" | "offline" | "trouble" | "signin" | "archived" | "toofast"} Hindrance */
/**
 * @typedef {{change: null, sent: {entry: Entry, reply: Reply},
 *   refused: {entry: Entry, problem: Refused}, signin: null, signedin: null,
 *   back: {was: Hindrance, sent: number}}} Told
 * `signedin`: somebody has signed in again.
 */

const FIRST_WAIT = 1_000; // ms
const LONGEST_WAIT = 30_000; // ms
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

/** Sends answers one by one in the order they were given, under keys that make a repeat harmless.
 * @extends {Teller<Told>} */
export class Outbox extends Teller {
  /** @type {Entry[]} */
  pending = [];
  /** @type {Hindrance} what holds it up */
  held = "";
  reference = "";
  stopped = false;
  #sending = false;
  #failures = 0;
  #sentSinceTrouble = 0;
  #timer = 0;
  #store = new OutboxStore();

  /**
   * @param {string} person
   * @param {string} desk the batch, or the experts' desk of a project
   * @param {{asking: (unsent: string[]) => Asking}} hand what is held, told beside each answer
   */
  constructor(person, desk, hand) {
    super();
    this.person = person;
    this.desk = desk;
    this.hand = hand;
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.#holdUp("offline"));
  }

  get store() {
    return this.#store;
  }

  /** Take up what an earlier page left behind. */
  async open() {
    const left = (await this.#store.waiting(this.person)).filter((e) => e.desk === this.desk);
    const known = new Set(this.pending.map((entry) => entry.key));
    this.pending.unshift(...left.filter((entry) => !known.has(entry.key)));
    this.retry();
  }

  /** @param {Given} answer */
  add(answer) {
    const entry = { ...answer, person: this.person, desk: this.desk };
    this.pending.push(entry);
    const kept = this.#store.keep(entry).catch(() => undefined);
    this.#change();
    kept.then(() => this.#run());
  }

  /** Take back what was not sent yet. @param {string} key @returns {boolean} */
  takeBack(key) {
    const at = this.pending.findIndex((entry) => entry.key === key);
    if (at < 0 || (at === 0 && this.#sending)) return false;
    const [entry] = this.pending.splice(at, 1);
    this.#store.settle(entry).catch(() => undefined);
    this.#change();
    return true;
  }

  /** @returns {string[]} leases whose answers are not acknowledged yet */
  leases() {
    return this.pending.flatMap(leasesOf);
  }

  retry() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#run();
  }

  /** Somebody is in again. */
  signedIn() {
    this.retry();
    this.tell("signedin", null);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.#timer);
  }

  async #run() {
    if (this.#sending || this.stopped || this.#timer) return;
    this.#sending = true;
    while (this.pending.length > 0 && !this.stopped) {
      const entry = this.pending[0];
      try {
        const more = REVERSES.has(entry.kind) ? {} : this.hand.asking(this.leases());
        const payload = { ...entry.payload, ...more };
        const reply = await post(PATHS[entry.kind], payload);
        await this.#accept(entry, /** @type {Reply} */ (reply));
      } catch (error) {
        if (!(await this.#trouble(entry, error))) break;
      }
    }
    this.#sending = false;
    if (this.pending.length === 0) this.#settled();
    this.#change();
  }

  /** @param {Entry} entry @param {Reply} reply */
  async #accept(entry, reply) {
    for (const later of this.pending) {
      if (resolve(later, entry, reply)) this.#store.keep(later).catch(() => undefined);
    }
    this.pending.shift();
    this.#failures = 0;
    if (this.held) this.#sentSinceTrouble += 1;
    this.tell("sent", { entry, reply });
    this.#change();
    await this.#store.settle(entry).catch(() => undefined);
  }

  /** @param {Entry} entry @param {unknown} error @returns {Promise<boolean>} go on at once */
  async #trouble(entry, error) {
    if (error instanceof Refused && error.status === 401) {
      this.#holdUp("signin");
      this.tell("signin", null);
      return false;
    }
    const { payload } = entry;
    const { code = "", status = 0 } = error instanceof Refused ? error : {};
    if (code === "first_answer_missing" && "first_answer" in payload) return this.#sayFirst(entry, payload);
    if (error instanceof Refused && !AGAIN.has(status) && code !== "archived") {
      await this.#setAside(entry, error);
      return true;
    }
    this.reference = error instanceof Refused ? error.reference : "";
    this.#failures += 1;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#failures - 1));
    const asked = error instanceof Refused ? error.wait * 1000 : 0;
    this.#timer = setTimeout(() => this.retry(), Math.max(wait, asked));
    if (error instanceof Away) this.#holdUp("offline");
    else this.#holdUp(code === "archived" ? code : status === 429 ? "toofast" : "trouble");
    return false;
  }

  /** Say first what an older desk kept beside it. @param {Entry} entry @param {DecisionPayload} said
   * @returns {Promise<boolean>} */
  #sayFirst(entry, said) {
    const asked = post("/api/v1/reveal", { ...said.first_answer, reason: undefined, lease: said.lease });
    return asked.then(() => delete said.first_answer).catch((error) => this.#trouble(entry, error));
  }

  /** Keep what the server will not take, and drop the undo of it. @param {Entry} entry
   * @param {Refused} problem */
  async #setAside(entry, problem) {
    const empty = this.pending.filter((e) => e.seqFrom === entry.key && e.kind !== "decision");
    this.pending = this.pending.filter((e) => e !== entry && !empty.includes(e));
    for (const undo of empty) await this.#store.settle(undo).catch(() => undefined);
    entry.problem = problem.message;
    const put = !REVERSES.has(entry.kind) ? this.#store.setAside(entry) : this.#store.settle(entry);
    await put.catch(() => undefined);
    this.tell("refused", { entry, problem });
  }

  /** @param {Hindrance} why */
  #holdUp(why) {
    if (!this.held) this.#sentSinceTrouble = 0;
    this.held = why;
    this.#change();
  }

  #settled() {
    const was = this.held;
    if (!was || !navigator.onLine) return;
    this.held = "";
    const sent = this.#sentSinceTrouble;
    this.#sentSinceTrouble = 0;
    this.tell("back", { was, sent });
  }

  #change() {
    this.tell("change", null);
  }
}
