// @ts-check
import { Refused } from "./calls.js";
import * as say from "./messages.js";
import { Care } from "./care.js";
import { answerInWords } from "./payload.js";
import { BRIEF, OutboxNews } from "./outbox-news.js";
import { StatusLine } from "./status-line.js";

/** @typedef {import("./desk.js").ReviewDesk} ReviewDesk */

/** What the desk says by itself: what was done, and how it stands with sending. */
export class DeskNews {
  #line = new StatusLine();

  /** @param {ReviewDesk} desk */
  constructor(desk) {
    this.desk = desk;
    this.sending = new OutboxNews(desk.outbox, this.#line, {
      offline: (waiting) => say.offline(desk.held.ahead.length + (desk.held.current ? 1 : 0), waiting),
      back: say.backOnline,
      nameOf: (label) => desk.nameOf(label),
      signedIn: () => desk.held.current || desk.life.ask(),
    });
  }

  begin() {
    const { desk } = this;
    desk.querySelector("[data-part=messages]")?.append(this.#line);
    /** @param {string} name @param {(detail: any) => void} act */
    const on = (name, act) =>
      desk.outbox.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on("change", () => this.changed());
    on("refused", (detail) => this.#refused(detail));
    on("sent", ({ reply }) => {
      const words = say.late(reply.message, reply.minutes_ago);
      if (words) this.#line.say(words, { subject: "late" });
    });
    this.sending.begin(desk);
    new Care(this.#line, desk.dataset.person ?? "").begin();
  }

  /** @param {import("./payload.js").Guideline} guideline */
  newGuideline({ revision, text, descriptions }) {
    const { held, labels, options, start, talk } = this.desk;
    if ((held.guideline ?? 0) >= revision) return;
    held.guideline = revision;
    start.guideline = text;
    const described = new Map(descriptions);
    for (const label of labels) label.description = described.get(label.id);
    options.labels = labels;
    this.desk.querySelector("[data-do=guideline]")?.removeAttribute("hidden");
    const show = () => {
      this.#line.clear("guideline");
      talk.act("guideline");
    };
    /** @type {[string, () => void]} */
    const action = ["Show", show];
    this.#line.say(say.guidelineChanged(start.project, revision), { subject: "guideline", action });
  }

  /** @param {string} words what was just answered */
  said(words) {
    const { done, size } = this.desk.course.ahead(this.desk.life.progress);
    const live = this.desk.querySelector("[data-part=live]");
    if (live) live.textContent = `${words}. ${done} of ${size}`;
  }

  /** @param {"shown" | "asked" | "passed" | "none"} was */
  undone(was) {
    this.desk.bar.showLast(was === "shown" ? "Undone" : "");
    if (was === "shown") this.said("Undone");
    if (was === "none") this.#line.say("Nothing to undo here.", { seconds: BRIEF });
    if (was === "passed") {
      this.#line.say("That example was passed on and comes back by itself.", { seconds: BRIEF });
    }
  }

  /** @param {number | null} looking the step that is looked at */
  showing(looking) {
    const step = looking === null ? null : this.desk.course.steps[looking];
    if (!step?.answer) return this.#line.clear("earlier");
    const words = answerInWords(step.answer, this.desk.nameOf, step.example.given === undefined);
    this.#line.say(`Earlier answer: ${words}. A new answer takes its place.`, { subject: "earlier" });
    return undefined;
  }

  signIn() {
    return this.sending.signIn();
  }

  /** Say how it stands with sending. */
  changed() {
    this.desk.life.showProgress();
    this.sending.changed();
  }

  /** @param {{entry: import("./outbox-store.js").Entry, problem: Refused}} refused */
  #refused({ entry, problem }) {
    const { held } = this.desk;
    if (held.current?.leaseFrom === entry.key) {
      held.next();
      this.desk.show();
    }
    if (entry.kind === "undo" || entry.kind === "redo") {
      const words = `${problem.message} ${problem.nextStep}`.trim();
      this.#line.say(words, { seconds: BRIEF });
    } else if (problem.code === "batch_closed") this.sending.listUnsaved();
    else this.sending.sayUnsaved(say.notSaved(problem.message, problem.nextStep));
  }
}
