// @ts-check
import * as say from "../messages.js";
import { BRIEF, OutboxNews } from "../outbox-news.js";
import { StatusLine } from "../status-line.js";

/** @typedef {import("./grid.js").ReviewGrid} ReviewGrid */

/** What the grid says by itself: how it stands with sending, and what was not saved. */
export class GridNews {
  #line = new StatusLine();

  /** @param {ReviewGrid} grid */
  constructor(grid) {
    this.grid = grid;
    this.sending = new OutboxNews(grid.outbox, this.#line, {
      offline: (waiting) => offline(grid.supply.leases.length > 0, waiting),
      back: pagesSent,
      nameOf: () => grid.label,
      signedIn: () => grid.supply.page.length > 0 || grid.ask(),
    });
  }

  begin() {
    const { grid } = this;
    grid.querySelector("[data-part=messages]")?.append(this.#line);
    grid.outbox.addEventListener("change", () => this.changed());
    grid.outbox.addEventListener("refused", (event) => {
      const { entry, problem } = /** @type {CustomEvent} */ (event).detail;
      if (entry.kind === "take-back" || problem.code !== "batch_closed") {
        this.#line.say(say.notSaved(problem.message, problem.nextStep), { kind: "warn" });
      } else this.sending.listUnsaved();
    });
    this.sending.begin(grid);
  }

  /** @param {string} words */
  brief(words) {
    this.#line.say(words, { seconds: BRIEF });
  }

  signIn() {
    return this.sending.signIn();
  }

  changed() {
    const { outbox, progress } = this.grid;
    progress.showSaving(outbox.pending.length, outbox.held !== "");
    this.sending.changed();
  }
}

/** @param {number} n */
const pages = (n) => `${n} ${n === 1 ? "page" : "pages"}`;

/** @param {number} sent */
function pagesSent(sent) {
  return sent === 0 ? "Back online." : `Back online. ${pages(sent)} sent.`;
}

/** @param {boolean} ready @param {number} waiting pages not sent */
function offline(ready, waiting) {
  if (!ready) {
    const are = waiting === 1 ? "page is" : "pages are";
    return waiting === 0
      ? "Waiting for the network."
      : `Waiting for the network. Your ${waiting} ${are} safe on this device.`;
  }
  const later = waiting === 0 ? "pages" : pages(waiting);
  return `You are offline. Keep going: ${later} will be sent when you are back.`;
}
