// @ts-check
import { post } from "./calls.js";
import { CompareDialog } from "./compare-dialog.js";
import { FirstAnswer } from "./first-answer.js";
import { HelpDialog } from "./help-dialog.js";
import { NoteDialog } from "./note-dialog.js";
import { answerInWords } from "./payload.js";
import { RemoveMenu } from "./remove-menu.js";
import { WordsDialog } from "./words-dialog.js";

/** @typedef {import("./desk.js").ReviewDesk} ReviewDesk */
/** @typedef {import("./payload.js").Answer} Answer */
/** @typedef {import("./payload.js").Example} Example */

const NOTES = {
  note: { title: "Note", why: "It is stored with your answer.", button: "Keep note" },
  refer: { title: "Send to expert", why: "A note is optional.", button: "Send" },
  no_label: {
    title: "Remove, no label fits",
    why: "You may propose a label here.",
    button: "Remove",
  },
  other: {
    title: "Remove, other reason",
    why: "Say why, so that the lead can follow it.",
    button: "Remove",
    needed: true,
  },
};

/** What the desk asks and explains in dialogs. */
export class DeskTalk {
  note = "";
  #removeMenu = new RemoveMenu();
  #noteDialog = new NoteDialog();
  #help = new HelpDialog();
  #words = new WordsDialog();
  #compare = new CompareDialog();
  #first = new FirstAnswer();

  /** @param {ReviewDesk} desk */
  constructor(desk) {
    this.desk = desk;
  }

  begin() {
    const { desk } = this;
    desk.append(this.#removeMenu, this.#noteDialog, this.#help, this.#words, this.#compare, this.#first);
  }

  /** @param {string} action @returns {boolean} */
  act(action) {
    const { shown } = this.desk.course;
    const images = this.desk.dataset.type === "image";
    if (action === "help") this.#help.ask(images, this.desk.options.typeahead !== null);
    else if (action === "guideline") {
      this.#words.showGuideline(this.desk.start.guideline ?? "", this.desk.labels);
    } else if (action === "details" && shown) this.#words.showDetails(shown);
    else if (action === "compare" && shown?.neighbours?.length) {
      this.#compare.ask(shown, this.desk.nameOf);
    }
    else return false;
    return true;
  }

  /** @param {string} [known] the reason, when it is clear already
   * @returns {Promise<Answer | null>} */
  async askRemoval(known = "") {
    const reason = known || (await this.#removeMenu.ask());
    if (!reason) return null;
    const words = known === "no_label" || (reason === "other" && !this.note);
    if (words) {
      const note = await this.askNote(reason === "other" ? "other" : "no_label");
      if (note === null) return null;
      this.note = note;
    }
    return { verdict: "remove", label: null, reason };
  }

  /** @param {keyof typeof NOTES} kind @returns {Promise<string | null>} */
  askNote(kind) {
    return this.#noteDialog.ask(this.note, NOTES[kind]);
  }

  async writeNote() {
    this.note = (await this.askNote("note")) ?? this.note;
    this.desk.bar.showNote(this.note !== "");
  }

  forgetNote() {
    this.note = "";
    this.desk.bar.showNote(false);
  }

  /**
   * Decide first: show what was hidden, once an answer is given.
   * @param {Example} example @param {Answer} answer
   * @returns {Promise<Answer | null>} the final answer, or null to think again
   */
  async reveal(example, answer) {
    let revealed;
    try {
      const { verdict, label } = answer;
      revealed = await post("/api/v1/reveal", { lease: example.lease, verdict, label });
    } catch {
      return answer; // Away: the answer counts as it is, and is stored like any other.
    }
    if (revealed.agrees) return answer;
    if (revealed.why || revealed.neighbours) this.desk.evidence.show(revealed);
    const own = answerInWords(answer, this.desk.nameOf, true);
    const chosen = await this.#first.ask(own, answer, revealed, this.desk.nameOf);
    if (chosen === "own") return answer;
    if (chosen === "given") return { verdict: "confirm", label: revealed.given, reason: null };
    if (chosen !== "suggested") return null;
    return { verdict: "relabel", label: revealed.suggested, reason: null };
  }
}
