// @ts-check
import * as say from "../messages.js";
import { BRIEF, OutboxNews } from "../outbox-news.js";
import { StatusLine } from "../status-line.js";

/** @typedef {import("./grid-course.js").GridCourse} GridCourse */
/** @typedef {import("./grid-view.js").Parts} Parts */

/** What the grid says by itself: how it stands with sending, and what was not saved. */
export class GridNews {
  #line = new StatusLine();

  /** @param {GridCourse} course @param {Parts} parts */
  constructor(course, { label, progress }) {
    this.course = course;
    this.progress = progress;
    this.sending = new OutboxNews(course.outbox, this.#line, {
      offline: (waiting) => offline(course.supply.leases.length > 0, waiting),
      back: pagesSent,
      nameOf: () => label,
    });
  }

  /** @param {HTMLElement} host */
  begin(host) {
    const { course } = this;
    host.querySelector("[data-part=messages]")?.append(this.#line);
    course.on("page", () => this.#changed());
    course.on("progress", () => this.#changed());
    course.on("done", ({ failed }) => {
      if (failed > 0) this.#brief(`${failed} did not load. They stay in the queue.`);
    });
    course.on("nothing", () => this.#brief("No page to take back."));
    course.on("signin", () => this.sending.signIn());
    course.outbox.on("change", () => this.#changed());
    course.outbox.on("refused", ({ entry, problem }) => {
      if (entry.kind === "take-back" || problem.code !== "batch_closed") {
        this.#line.say(say.notSaved(problem.message, problem.nextStep), { kind: "warn" });
      } else this.sending.listUnsaved();
    });
    this.sending.begin(host);
  }

  /** @param {string} words */
  #brief(words) {
    this.#line.say(words, { seconds: BRIEF });
  }

  #changed() {
    const { outbox } = this.course;
    this.progress.showSaving(outbox.pending.length, outbox.held !== "");
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
