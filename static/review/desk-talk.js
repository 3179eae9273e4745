// @ts-check
import { post } from "./calls.js";
import { CompareDialog } from "./compare-dialog.js";
import { FirstAnswer } from "./first-answer.js";
import { HelpDialog } from "./help-dialog.js";
import { NoteDialog } from "./note-dialog.js";
import { PairRule } from "./pair-rule.js";
import { answerInWords } from "./payload.js";
import { RemoveMenu } from "./remove-menu.js";
import { Teller } from "./teller.js";
import { WordsDialog } from "./words-dialog.js";

/** @typedef {import("./desk-view.js").Model} Model */
/** @typedef {import("./desk-view.js").Parts} Parts */
/** @typedef {import("./payload.js").Answer} Answer */
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Revealed} Revealed */

const NO_EXPERT = "No expert here: a lead gets it.";
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

/** What the desk asks and explains in dialogs, and the note that waits for the answer. It tells why
 * evidence is `withheld`.
 * @extends {Teller<{withheld: Error}>} */
export class DeskTalk extends Teller {
  note = "";
  #removeMenu = new RemoveMenu();
  #noteDialog = new NoteDialog();
  #help = new HelpDialog();
  #words = new WordsDialog();
  #compare = new CompareDialog();
  #first = new FirstAnswer();

  /** @param {HTMLElement} host @param {Model} model @param {Parts} parts */
  constructor(host, { course, words }, parts) {
    super();
    this.host = host;
    this.course = course;
    this.words = words;
    this.parts = parts;
    course.on("shown", () => this.#keepNote(""));
    for (const event of /** @type {const} */ (["shown", "more"])) course.on(event, () => this.showRule());
  }

  begin() {
    this.host.append(
      this.#removeMenu,
      this.#noteDialog,
      this.#help,
      this.#words,
      this.#compare,
      this.#first,
    );
    this.showRule();
  }

  /** The rule for the pair at hand stands beside the labels. */
  showRule() {
    const rule = this.host.querySelector("pair-rule");
    if (rule instanceof PairRule) rule.show(this.words, this.course.shown ?? null);
  }

  /** @param {string} action @returns {boolean} */
  act(action) {
    const { shown } = this.course;
    const { options, stage } = this.parts;
    if (action === "help") this.#help.ask(stage.view !== null, options.typeahead !== null);
    else if (action === "guideline") {
      this.#words.showGuideline(this.words, shown ?? null);
    } else if (action === "details" && shown) this.#words.showDetails(shown);
    else if (action === "compare" && shown?.neighbours?.length) {
      this.#compare.ask(shown, this.words.named);
    } else return false;
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
    const alone = kind === "refer" && !this.words.experts;
    const words = NOTES[kind];
    return this.#noteDialog.ask(this.note, alone ? { ...words, why: `${NO_EXPERT} ${words.why}` } : words);
  }

  async writeNote() {
    this.#keepNote((await this.askNote("note")) ?? this.note);
  }

  /** @param {string} note */
  #keepNote(note) {
    this.note = note;
    this.parts.bar.showNote(note !== "");
  }

  /**
   * Decide first: show what was hidden, once an answer is given.
   * @param {Example} example @param {Answer} answer
   * @returns {Promise<Answer | null>} the final answer, or null to think again
   */
  async reveal(example, answer) {
    const { lease } = example;
    const { verdict, label } = answer;
    const asked = post("/api/v1/reveal", { lease, verdict, label });
    const reply = await asked.catch((why) => this.tell("withheld", why));
    if (!reply) return null;
    const revealed = /** @type {Revealed} */ (reply);
    const { agrees, given, suggested, ...evidence } = revealed;
    Object.assign(example, evidence, { given, mode: "everything", first: answer });
    /** @type {Answer} */
    const own = label !== null && label === given ? { ...answer, verdict: "confirm" } : answer;
    if (agrees) return own;
    if (this.course.shown === example) this.course.tell("more", null);
    const words = answerInWords(answer, this.words.nameOf, true);
    const chosen = await this.#first.ask(words, answer, revealed, this.words.named);
    if (chosen === "own") return own;
    if (chosen === "given") return { verdict: "confirm", label: given, reason: null };
    return chosen === "suggested" ? { verdict: "relabel", label: suggested, reason: null } : null;
  }
}
