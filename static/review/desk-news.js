// @ts-check
import { Refused } from "./calls.js";
import { Care } from "./care.js";
import * as say from "./messages.js";
import { BRIEF, OutboxNews } from "./outbox-news.js";
import { answerInWords } from "./payload.js";
import { StatusLine } from "./status-line.js";

/** @typedef {import("./course.js").Done} Done */
/** @typedef {import("./desk-view.js").Model} Model */
/** @typedef {import("./desk-view.js").Parts} Parts */

/** Those whose answer needs no evidence first. @param {({mode: string} | null)[]} held */
const ready = (held) => held.filter((one) => one && one.mode !== "decide_first").length;

/** What the desk says by itself: what was done, and how it stands with sending. */
export class DeskNews {
  #line = new StatusLine();

  /** @param {HTMLElement} host @param {Model} model @param {Parts} parts
   * @param {import("./desk-talk.js").DeskTalk} talk which shows the guideline */
  constructor(host, { course, life, words }, parts, talk) {
    this.host = host;
    this.course = course;
    this.life = life;
    this.words = words;
    this.parts = parts;
    this.talk = talk;
    const { held, outbox } = course;
    this.sending = new OutboxNews(outbox, this.#line, {
      offline: (waiting) => say.offline(ready([held.current, ...held.ahead]), waiting),
      back: say.backOnline,
      nameOf: words.nameOf,
    });
  }

  begin() {
    const { course, host, life } = this;
    const { outbox } = course;
    this.#part("messages")?.append(this.#line);
    course.on("shown", () => this.#showing());
    course.on("more", () => this.#showing());
    this.talk.on("withheld", (error) => this.#withheld(error));
    course.on("done", (done) => this.#said(this.#inWords(done)));
    course.on("undone", (undone) => this.#undone(undone));
    outbox.on("change", () => this.sending.changed());
    outbox.on("refused", (refused) => this.#refused(refused));
    outbox.on("sent", ({ reply }) => {
      const words = say.late(reply.message, reply.minutes_ago);
      if (words) this.#line.say(words, { subject: "late" });
    });
    addEventListener("online", () => this.#line.clear("withheld"));
    life.on("signin", () => this.sending.signIn());
    life.on("guideline", (guideline) => this.#newGuideline(guideline));
    this.sending.begin(host);
    new Care(this.#line, host.dataset.person ?? "").begin();
  }

  /** @param {string} name */
  #part(name) {
    return this.host.querySelector(`[data-part=${name}]`);
  }

  /** @param {import("./payload.js").Guideline} guideline */
  #newGuideline(guideline) {
    this.words.renew(guideline);
    this.parts.options.labels = this.words.labels;
    this.talk.showRule();
    this.host.querySelector("[data-do=guideline]")?.removeAttribute("hidden");
    const show = () => {
      this.#line.clear("guideline");
      this.talk.act("guideline");
    };
    /** @type {[string, () => void]} */
    const action = ["Show", show];
    const words = say.guidelineChanged(...this.words.newsOf(guideline));
    this.#line.say(words, { subject: "guideline", action });
  }

  /** @param {Done} done */
  #inWords({ answer, passing, unseen = false, again = false }) {
    if (answer) return answerInWords(answer, this.words.nameOf, unseen);
    if (again) return "Passed on";
    return passing === "skip" ? "Skipped" : "Sent to expert";
  }

  /** @param {string} words what was just done */
  #said(words) {
    this.parts.bar.showLast(words);
    const { done, size } = this.course.tally.now;
    const live = this.#part("live");
    if (live) live.textContent = `${words}. ${done} of ${size}`;
  }

  /** @param {import("./course.js").Undone} undone */
  #undone(undone) {
    if (undone === "shown") this.#said("Undone");
    else this.parts.bar.showLast("");
    if (undone === "none") this.#line.say("Nothing to undo here.", { seconds: BRIEF });
  }

  #showing() {
    this.#line.clear("withheld");
    this.#showFirst();
    this.#showEarlier();
    this.sending.changed();
  }

  /** @param {Error} error */
  #withheld(error) {
    const refused = error instanceof Refused;
    if (refused && error.status === 401) this.sending.signIn();
    const words = refused ? say.notSaved(error.message, error.nextStep) : say.EVIDENCE_AWAY;
    this.#line.say(words, { kind: "warn", subject: "withheld" });
  }

  #showFirst() {
    const { earlier, shown } = this.course;
    if (earlier || !shown?.first) return this.#line.clear("first");
    const words = answerInWords(shown.first, this.words.nameOf, true);
    return this.#line.say(`First answer: ${words}. Now decide.`, { subject: "first" });
  }

  /** The answer to the earlier example that is looked at. */
  #showEarlier() {
    const { earlier } = this.course;
    if (!earlier?.answer) return this.#line.clear("earlier");
    const unseen = earlier.example.given === undefined;
    const words = answerInWords(earlier.answer, this.words.nameOf, unseen);
    return this.#line.say(`Earlier answer: ${words}. A new answer takes its place.`, { subject: "earlier" });
  }

  /** @param {{entry: import("./entry.js").Entry, problem: Refused}} refused */
  #refused({ entry, problem }) {
    if (entry.kind === "undo" || entry.kind === "redo") {
      const words = `${problem.message} ${problem.nextStep}`.trim();
      this.#line.say(words, { seconds: BRIEF });
    } else if (problem.code === "batch_closed") this.sending.listUnsaved();
    else this.sending.sayUnsaved(say.notSaved(problem.message, problem.nextStep));
  }
}
