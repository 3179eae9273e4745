// @ts-check
import { REST } from "./messages.js";

/** @typedef {import("./status-line.js").StatusLine} StatusLine */

const LONG = 45 * 60_000; // ms of work after which a break is proposed
const PAUSE = 2 * 60_000; // ms without a key or a touch that count as a break
const TICK = 20_000;
const NOTE = 5_000; // ms between notes of activity for the next page
const KEPT = "relabel.care";

/** Proposes a break after 45 minutes without a pause of two, whatever pages they were spent on. */
export class Care {
  #since = Date.now();
  #last = Date.now();
  #noted = 0;
  #hidden = "";
  #closed = false;

  /** @param {StatusLine} line @param {string} person */
  constructor(line, person) {
    this.line = line;
    this.person = person;
  }

  begin() {
    this.#read();
    for (const name of ["keydown", "pointerdown"]) {
      addEventListener(name, () => this.#active(), { capture: true, passive: true });
    }
    setInterval(() => this.#look(), TICK);
    this.#look();
  }

  #active() {
    const now = Date.now();
    if (now - this.#last >= PAUSE) this.#restart(now);
    this.#last = now;
    if (now - this.#noted >= NOTE) this.#note(now);
  }

  /** @param {number} now */
  #restart(now) {
    this.#since = now;
    this.#closed = false;
    this.line.clear("care");
  }

  #look() {
    const now = Date.now();
    if (now - this.#last >= PAUSE) return this.line.clear("care");
    if (now - this.#since < LONG || this.#closed || this.#hidden === today()) return undefined;
    /** @type {[string, () => void]} */
    const action = ["Hide for today", () => this.#hide()];
    return this.line.say(REST, { subject: "care", action, closed: () => (this.#closed = true) });
  }

  #hide() {
    this.#hidden = today();
    this.line.clear("care");
    this.#note(Date.now());
  }

  /** @param {number} now */
  #note(now) {
    this.#noted = now;
    const { person } = this;
    const kept = { person, since: this.#since, last: this.#last, hidden: this.#hidden };
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      // Without storage each page counts by itself.
    }
  }

  #read() {
    try {
      /** @type {{person: string, since: number, last: number, hidden: string} | null} */
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
      if (kept?.person !== this.person) return;
      this.#hidden = kept.hidden;
      if (Date.now() - kept.last < PAUSE) this.#since = kept.since;
    } catch {
      // Nothing was kept.
    }
  }
}

/** The day on this person's clock. */
function today() {
  return new Date().toDateString();
}
