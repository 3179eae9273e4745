// @ts-check
import { Refused } from "../calls.js";
import { DeskProgress } from "../desk-progress.js";
import { afterGivingBack } from "../given-back.js";
import { make, partOf } from "../make.js";
import * as say from "../messages.js";
import { Outbox } from "../outbox.js";
import { holdDesk } from "../this-tab.js";
import { CloserDialog } from "./closer-dialog.js";
import { GridHelp } from "./grid-help.js";
import { listen } from "./grid-input.js";
import { GridNews } from "./grid-news.js";
import { GridNumbers } from "./grid-numbers.js";
import { Supply } from "./supply.js";
import { GridTiles } from "./tiles.js";

/** @typedef {import("../payload.js").Example} Example */
/** @typedef {{key: string, tiles: Example[], marked: string[]}} Page */

const LOOK = 1_200; // ms a page must be seen before it can be confirmed
const ASK_AGAIN = 15; // seconds
const KEPT = 50; // pages that can be taken back
const TOO_MANY =
  "Too many likely errors for the grid. The lead can make a batch of these for the desk.";

/** Pages of tiles with one given label: what is not marked is confirmed at once. */
export class ReviewGrid extends HTMLElement {
  start = JSON.parse(this.querySelector("[data-part=start]")?.textContent ?? "{}");
  batch = Number(this.dataset.batch);
  label = this.dataset.label ?? "";
  keys = this.dataset.keys ?? "";
  /** @type {Outbox} */
  outbox = new Outbox(this.dataset.person ?? "", `grid/${this.batch}`, () => this.supply.asking());
  supply = new Supply(this.batch, this.keys.length, () => this.outbox.leases());
  tiles = partOf(this, "grid-tiles", GridTiles);
  progress = partOf(this, "desk-progress", DeskProgress);
  news = new GridNews(this);
  #closer = new CloserDialog();
  #help = new GridHelp();
  numbers = new GridNumbers(this, this.start.progress);
  /** @type {Page[]} */
  #pages = [];
  #seenAt = Infinity;
  #mine = false;
  #timer = 0;

  connectedCallback() {
    this.append(this.#closer, this.#help);
    this.news.begin();
    listen(this);
    this.tiles.addEventListener("marks", () => this.numbers.count());
    this.outbox.addEventListener("sent", (event) => {
      const { entry, reply } = /** @type {CustomEvent} */ (event).detail;
      this.#sent(entry, reply);
    });
    addEventListener("pagehide", () => this.#mine && this.supply.giveBack());
    addEventListener("pageshow", (event) => event.persisted && this.begin(false, []));
    if (!("refused" in this.dataset)) this.begin(false, this.start.examples);
  }

  /** @param {boolean} take this batch from another tab @param {Example[]} examples */
  async begin(take, examples) {
    this.#mine = await holdDesk(this.outbox.desk, take, () => this.#elsewhere());
    if (!this.#mine) return this.#elsewhere();
    this.#panel("");
    this.outbox.stopped = false;
    const [held] = await Promise.all([afterGivingBack(examples), this.outbox.open()]);
    this.supply.add(held);
    this.supply.next();
    this.show();
    return this.ask();
  }

  async ask() {
    clearTimeout(this.#timer);
    try {
      this.#take(await this.supply.claim(), true);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.news.signIn();
      else if (error instanceof Refused && error.status === 404) {
        this.#panel(say.reassigned(this.numbers.numbers.done));
      } else this.#again(ASK_AGAIN);
    }
  }

  /** Whether a page can have been seen. */
  get answerable() {
    return this.supply.page.length > 0 && performance.now() - this.#seenAt >= LOOK;
  }

  /** @param {string} action */
  act(action) {
    if (action === "confirm") this.#confirm();
    else if (action === "undo") this.#undo();
    else if (action === "clear") this.tiles.clear();
    else if (action === "help") this.#help.ask();
    else if (action === "closer" && this.tiles.focused) this.#closer.ask(this.tiles.focused);
  }

  #confirm() {
    if (!this.answerable) return;
    const tiles = this.supply.page;
    const { failed, marked } = this.tiles;
    const aside = new Set([...marked, ...failed]);
    const confirmed = tiles.map(({ lease }) => lease).filter((lease) => !aside.has(lease));
    const key = crypto.randomUUID();
    const seconds = Math.round(performance.now() - this.#seenAt) / 1000;
    const payload = { key, batch: this.batch, confirmed, marked: [...aside] };
    const name = `Page of ${tiles.length}`;
    this.#pages = [...this.#pages, { key, tiles, marked }].slice(-KEPT);
    this.numbers.add(confirmed.length, aside.size);
    this.supply.next();
    this.show();
    this.outbox.add({
      key,
      kind: "page",
      example: 0,
      name,
      payload: { ...payload, browser_seconds: seconds },
    });
    this.numbers.tell(`${confirmed.length} confirmed as ${this.label}`);
    if (failed.length > 0) this.news.brief(`${failed.length} did not load. They stay in the queue.`);
  }

  #undo() {
    const page = this.#pages.pop();
    if (!page) return this.news.brief("No page to take back.");
    const aside = page.marked.length;
    this.numbers.add(aside - page.tiles.length, 0);
    if (this.outbox.takeBack(page.key)) {
      this.numbers.add(0, -aside);
      this.supply.back(page.tiles);
      return this.show(page.marked);
    }
    const payload = { key: crypto.randomUUID(), batch: this.batch, page: page.key };
    this.outbox.add({ key: payload.key, kind: "take-back", example: 0, name: "Page", payload });
    return undefined;
  }

  /** @param {import("../outbox-store.js").Entry} entry @param {any} reply */
  #sent(entry, reply) {
    if (entry.kind === "take-back") {
      this.supply.back(reply.examples);
      this.show();
    } else this.#take(reply, false);
    if (this.outbox.pending.length === 0 && this.supply.ahead.length === 0) this.ask();
  }

  /** @param {any} claimed @param {boolean} whole whether it answers a claim */
  #take(claimed, whole) {
    this.supply.add(claimed.examples ?? []);
    const settled = this.outbox.pending.length === 0;
    if (claimed.progress && settled) this.numbers.replace(claimed.progress);
    if (this.supply.page.length === 0 && this.supply.next()) this.show();
    else this.numbers.show();
    if (whole && settled && this.supply.page.length === 0) this.#ended(claimed);
  }

  /** @param {string[]} [marked] */
  show(marked = []) {
    this.#seenAt = Infinity;
    const { media, page } = this.supply;
    if (page.length === 0) this.tiles.empty();
    else {
      this.#panel("");
      this.tiles.show(page, this.keys, this.label, media, marked);
      this.tiles.painted.then(() =>
        requestAnimationFrame(() => {
          if (page === this.supply.page) this.#seenAt = performance.now();
        }),
      );
    }
    this.numbers.count();
    this.numbers.show();
  }

  /** @param {{state: string, with_others?: number, next_free_in?: number | null}} claimed */
  #ended({ state, with_others: others = 0, next_free_in: free = null }) {
    if (state === "too_many_errors") this.#panel(TOO_MANY);
    else if (state === "closed") this.#panel(say.CLOSED);
    else if (state === "paused") this.#panel(say.PAUSED);
    else if (state === "done" || others === 0) this.#done();
    else {
      this.#panel(say.nothingLeft(others));
      this.#again(Math.max(2, free ?? ASK_AGAIN));
    }
  }

  #done() {
    const after = this.numbers.numbers.marked ? "?marked=true" : "/done";
    location.assign(`/review/${this.batch}${after}`);
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
    this.tiles.empty();
    const here = make("button", { type: "button", class: "button" }, "Use it here");
    here.addEventListener("click", () => this.begin(true, []));
    this.#panel(say.OTHER_TAB, here);
  }

  /** @param {string} words @param {...Node} more */
  #panel(words, ...more) {
    const panel = this.querySelector("[data-part=panel]");
    panel?.toggleAttribute("hidden", !words);
    panel?.replaceChildren(...(words ? [make("p", {}, words), ...more] : []));
  }
}

customElements.define("review-grid", ReviewGrid);
