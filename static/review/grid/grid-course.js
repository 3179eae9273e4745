// @ts-check
import { Refused } from "../calls.js";
import * as say from "../messages.js";
import { Teller } from "../teller.js";
import { afterGivingBack, holdDesk } from "../this-tab.js";

/** @typedef {import("../payload.js").Example} Example */
/** @typedef {import("../payload.js").Handed} Handed */
/** @typedef {import("./supply.js").Numbers} Numbers */
/** @typedef {import("./supply.js").Supply} Supply */
/** @typedef {{key: string, tiles: Example[], marked: string[]}} Page */

const ASK_AGAIN = 15; // seconds
const KEPT = 50; // pages that can be taken back
const TOO_MANY =
  "Too many likely errors for the grid. The lead can make a batch of these for the desk.";

/** Which pages came, were confirmed and taken back. It tells `page` with the leases that were
 * marked before, and of `elsewhere` and `ended` why there is no page.
 * @extends {Teller<{begun: null, page: string[], progress: null, done: {confirmed: number,
 *   failed: number}, nothing: null, elsewhere: string, ended: string, signin: null}>} */
export class GridCourse extends Teller {
  /** @type {Page[]} */
  #pages = [];
  #mine = false;
  #timer = 0;

  /** @param {number} batch @param {Supply} supply
   * @param {import("../outbox.js").Outbox} outbox @param {Numbers} numbers */
  constructor(batch, supply, outbox, numbers) {
    super();
    this.batch = batch;
    this.supply = supply;
    this.outbox = outbox;
    this.numbers = numbers;
    outbox.on("sent", ({ entry, reply }) => this.#sent(entry, reply));
    outbox.on("signedin", () => supply.page.length > 0 || this.ask());
    addEventListener("pagehide", () => this.#mine && supply.giveBack(outbox.leases()));
    addEventListener("pageshow", (event) => event.persisted && this.begin(false, []));
  }

  /** @param {boolean} take this batch from another tab @param {Example[]} examples */
  async begin(take, examples) {
    const { outbox, supply } = this;
    this.#mine = await holdDesk(outbox.desk, take, () => this.#elsewhere());
    if (!this.#mine) return this.#elsewhere();
    this.tell("begun", null);
    outbox.stopped = false;
    const [held] = await Promise.all([afterGivingBack(examples), outbox.open()]);
    supply.add(held, outbox.leases());
    supply.next();
    this.tell("page", []);
    return this.ask();
  }

  async ask() {
    const { outbox, supply } = this;
    clearTimeout(this.#timer);
    try {
      const claimed = await supply.claim(outbox.leases());
      if (outbox.pending.length === 0) this.numbers = claimed.progress;
      this.#take(claimed);
      if (outbox.pending.length === 0 && supply.page.length === 0) this.#ended(claimed);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.tell("signin", null);
      else if (error instanceof Refused && error.status === 404) {
        this.tell("ended", say.reassigned(this.numbers.done));
      } else this.#again(ASK_AGAIN);
    }
  }

  /** Confirm the page but for what was marked or did not load.
   * @param {string[]} marked @param {string[]} failed @param {number} seconds it was looked at */
  confirm(marked, failed, seconds) {
    const tiles = this.supply.page;
    const aside = new Set([...marked, ...failed]);
    const confirmed = tiles.map(({ lease }) => lease).filter((lease) => !aside.has(lease));
    const key = crypto.randomUUID();
    const payload = { key, batch: this.batch, confirmed, marked: [...aside] };
    const name = `Page of ${tiles.length}`;
    this.#pages = [...this.#pages, { key, tiles, marked }].slice(-KEPT);
    this.#count(confirmed.length, aside.size);
    this.supply.next();
    this.tell("page", []);
    this.outbox.add({
      key,
      kind: "page",
      example: 0,
      name,
      payload: { ...payload, browser_seconds: seconds },
    });
    this.tell("done", { confirmed: confirmed.length, failed: failed.length });
  }

  /** Take the last page back. */
  undo() {
    const page = this.#pages.pop();
    if (!page) return this.tell("nothing", null);
    const aside = page.marked.length;
    this.#count(aside - page.tiles.length, 0);
    if (this.outbox.takeBack(page.key)) {
      this.#count(0, -aside);
      this.supply.back(page.tiles);
      return this.tell("page", page.marked);
    }
    const payload = { key: crypto.randomUUID(), batch: this.batch, page: page.key };
    return this.outbox.add({ key: payload.key, kind: "take-back", example: 0, name: "Page", payload });
  }

  /** After a page, or less when it is taken back. @param {number} done @param {number} marked */
  #count(done, marked) {
    const { numbers } = this;
    this.numbers = { ...numbers, done: numbers.done + done, marked: numbers.marked + marked };
  }

  /** @param {import("../entry.js").Entry} entry @param {import("../payload.js").Reply} reply */
  #sent(entry, reply) {
    const { outbox, supply } = this;
    if (entry.kind === "take-back") {
      supply.back(reply.examples ?? []);
      this.tell("page", []);
    } else this.#take(reply);
    if (outbox.pending.length === 0 && supply.ahead.length === 0) this.ask();
  }

  /** @param {Partial<Handed>} handed */
  #take({ examples = [] }) {
    const { outbox, supply } = this;
    supply.add(examples, outbox.leases());
    if (supply.page.length === 0 && supply.next()) this.tell("page", []);
    else this.tell("progress", null);
  }

  /** Nothing came. @param {Handed} handed */
  #ended({ state, with_others: others, next_free_in: free }) {
    if (state === "too_many_errors") this.tell("ended", TOO_MANY);
    else if (state === "archived") this.tell("ended", say.ARCHIVED);
    else if (state === "closed") this.tell("ended", say.CLOSED);
    else if (state === "paused") this.tell("ended", say.PAUSED);
    else if (state === "holds_enough") this.#later(say.ENOUGH);
    else if (state === "done" || others === 0) this.#leave();
    else {
      this.tell("ended", say.nothingLeft(others));
      this.#again(Math.max(2, free ?? ASK_AGAIN));
    }
  }

  #leave() {
    const after = this.numbers.marked ? "?marked=true" : "/done";
    location.assign(`/review/${this.batch}${after}`);
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

  #elsewhere() {
    this.#mine = false;
    this.outbox.stop();
    this.supply.page = [];
    this.supply.ahead = [];
    this.tell("elsewhere", say.OTHER_TAB);
  }
}
