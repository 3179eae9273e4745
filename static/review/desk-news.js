// @ts-check
import { Refused } from "./calls.js";
import * as say from "./messages.js";
import { Care } from "./care.js";
import { answerInWords } from "./payload.js";
import { SignInDialog } from "./sign-in-dialog.js";
import { StatusLine } from "./status-line.js";
import { UnsavedDialog } from "./unsaved-dialog.js";

/** @typedef {import("./desk.js").ReviewDesk} ReviewDesk */

const BRIEF = 6; // seconds a good message stays

/** What the desk says by itself: what was done, and how it stands with sending. */
export class DeskNews {
  #unsaved = new UnsavedDialog();
  #signIn = new SignInDialog();
  #line = new StatusLine();

  /** @param {ReviewDesk} desk */
  constructor(desk) {
    this.desk = desk;
  }

  begin() {
    const { desk } = this;
    desk.append(this.#unsaved, this.#signIn);
    desk.querySelector("[data-part=messages]")?.append(this.#line);
    /** @param {string} name @param {(detail: any) => void} act */
    const on = (name, act) =>
      desk.outbox.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on("change", () => this.changed());
    on("signin", () => this.signIn());
    on("back", (detail) => this.#back(detail));
    on("refused", (detail) => this.#refused(detail));
    on("sent", ({ reply }) => {
      const words = say.late(reply.message, reply.minutes_ago);
      if (words) this.#line.say(words, { subject: "late" });
    });
    this.#listUnsaved();
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

  async signIn() {
    if (!(await this.#signIn.ask(this.desk.dataset.person ?? ""))) return;
    this.desk.outbox.retry();
    if (!this.desk.held.current) this.desk.life.ask();
  }

  /** Say how it stands with sending. */
  changed() {
    const { held, outbox } = this.desk;
    this.desk.life.showProgress();
    const waiting = outbox.pending.length;
    const away = { kind: /** @type {"warn"} */ ("warn"), subject: "away" };
    if (outbox.held === "offline") {
      const ready = held.ahead.length + (held.current ? 1 : 0);
      this.#line.say(say.offline(ready, waiting), away);
    } else if (outbox.held === "trouble" && waiting > 0) {
      this.#line.say(say.cannotSave(waiting, outbox.reference), away);
    } else if (outbox.held === "signin" && waiting > 0) {
      /** @type {[string, () => void]} */
      const action = ["Sign in", () => this.signIn()];
      this.#line.say(say.SIGNED_OUT, { ...away, action });
    }
  }

  /** @param {{was: string, sent: number}} back */
  #back({ was, sent }) {
    this.#line.clear("away");
    if (was === "offline") this.#line.say(say.backOnline(sent), { kind: "done", seconds: BRIEF });
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
    } else if (problem.code === "batch_closed") this.#listUnsaved();
    else this.#sayUnsaved(say.notSaved(problem.message, problem.nextStep));
  }

  async #ownUnsaved() {
    const { desk, person, store } = this.desk.outbox;
    return (await store.unsaved(person)).filter((entry) => entry.desk === desk);
  }

  async #listUnsaved() {
    const own = await this.#ownUnsaved();
    if (own.length > 0) this.#sayUnsaved(say.batchClosed(own.length));
  }

  /** @param {string} words */
  #sayUnsaved(words) {
    /** @type {[string, () => void]} */
    const action = ["Show", () => this.#showUnsaved()];
    this.#line.say(words, { kind: "warn", subject: "unsaved", action });
  }

  async #showUnsaved() {
    const own = await this.#ownUnsaved();
    if (!(await this.#unsaved.ask(own, this.desk.nameOf))) return;
    await this.desk.outbox.store.forget(own);
    this.#line.clear("unsaved");
  }
}
