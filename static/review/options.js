// @ts-check
import { capOf, shortcutOf } from "./keys.js";
import { labelled, make, makeTrack, setTrack } from "./make.js";
import { percent, tooltipOf } from "./payload.js";
import { LabelTypeahead } from "./typeahead.js";

/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Label} Label */

const SUGGESTED = 5;

/** The question and its answers: rows of one size, none of them chosen beforehand.
 * Events: `label` {label}. */
export class ReviewOptions extends HTMLElement {
  /** @type {Label[]} */
  #labels = [];
  /** @type {Map<string, number>} from key cap to label */
  #keys = new Map();
  /** @type {HTMLButtonElement[]} */
  #rows = [];

  connectedCallback() {
    this.addEventListener("click", (event) => {
      const row = event.target instanceof Element && event.target.closest(".option");
      if (!(row instanceof HTMLElement) || !row.dataset.label) return;
      event.preventDefault();
      const label = Number(row.dataset.label);
      this.dispatchEvent(new CustomEvent("label", { bubbles: true, detail: { label } }));
    });
  }

  get typeahead() {
    const found = this.querySelector("label-typeahead");
    return found instanceof LabelTypeahead ? found : null;
  }

  /** Whether every label is in the list: then each came with its key. */
  get all() {
    return this.#labels.every((label) => label.key !== undefined);
  }

  /** Whether nothing is listed, so that the field is the only way to a label. */
  get needsField() {
    return this.typeahead !== null && this.#keys.size === 0;
  }

  /** @param {Label[]} labels */
  set labels(labels) {
    this.#labels = labels;
    if (this.typeahead) this.typeahead.labels = labels;
  }

  /** The label behind a key, if there is one. @param {string} key */
  labelOf(key) {
    return this.#keys.get(key);
  }

  /** @param {Example} example */
  show(example) {
    const { given, options = [] } = example;
    const chances = new Map(options);
    const rows = this.all ? this.#inOrder() : this.#suggested(given, options);
    this.#keys = new Map(rows.map(([key, label]) => [key, label.id]));
    this.#grow(this.all || rows.length === 0 ? rows.length : SUGGESTED + 1);
    for (const [place, row] of this.#rows.entries()) {
      if (place >= rows.length) row.classList.add("unused");
      else this.#fill(row, ...rows[place], given, chances);
    }
    this.classList.toggle("no-bars", chances.size === 0);
    if (this.typeahead) {
      this.typeahead.probabilities = chances;
      this.typeahead.given = given;
    }
    this.#showScores(example);
  }

  clear() {
    this.#keys.clear();
    for (const row of this.#rows) row.classList.add("unused");
    this.#showScores({});
  }

  /** @returns {[string, Label][]} */
  #inOrder() {
    return this.#labels.map((label) => [label.key ?? "", label]);
  }

  /** @param {number | null | undefined} given @param {[number, number][]} options
   * @returns {[string, Label][]} */
  #suggested(given, options) {
    const byId = new Map(this.#labels.map((label) => [label.id, label]));
    const own = given === undefined || given === null ? undefined : byId.get(given);
    /** @type {[string, Label][]} */
    const rows = options
      .flatMap(([id]) => (id === given ? [] : (byId.get(id) ?? [])))
      .slice(0, SUGGESTED)
      .map((label, place) => [String(place + 1), label]);
    return own ? [[capOf("confirm"), own], ...rows] : rows;
  }

  /** @param {number} count */
  #grow(count) {
    const list = this.querySelector("[data-part=options]");
    if (!list || this.#rows.length === count) return;
    this.#rows = Array.from({ length: count }, makeRow);
    list.replaceChildren(...this.#rows);
  }

  /**
   * @param {HTMLButtonElement} row
   * @param {string} key
   * @param {Label} label
   * @param {number | null | undefined} given
   * @param {Map<number, number>} chances
   */
  #fill(row, key, label, given, chances) {
    const isGiven = label.id === given;
    const chance = chances.get(label.id);
    row.classList.remove("unused");
    row.classList.toggle("given", isGiven);
    row.dataset.label = String(label.id);
    const shortcuts = [this.all || !isGiven ? key : "", isGiven ? shortcutOf("confirm") : ""];
    row.setAttribute("aria-keyshortcuts", shortcuts.filter(Boolean).join(" "));
    row.title = tooltipOf(label);
    const [cap, name, number, track] = row.children;
    cap.textContent = key.toUpperCase();
    const tag = isGiven ? [make("span", { class: "given-tag" }, "given")] : [];
    name.replaceChildren(labelled(label.name, label.came), ...tag);
    number.textContent = chance === undefined ? unlisted(chances) : percent(chance);
    setTrack(track, chance ?? 0);
  }

  /** @param {import("./payload.js").Scores} scores */
  #showScores({ quality = null, difficulty = null }) {
    for (const [name, value] of Object.entries({ quality, difficulty })) {
      const part = this.querySelector(`[data-part=${name}]`);
      if (part) part.textContent = value === null ? "" : value.toFixed(2);
      part?.parentElement?.classList.toggle("unused", value === null);
    }
  }
}

const KEPT = 9; // the likeliest labels, of each example

/** What is said of a label beyond those that a ranking keeps, as `label_rows.py` says it.
 * @param {Map<number, number>} chances */
function unlisted(chances) {
  if (chances.size < KEPT) return "";
  const shares = [...chances.values()];
  const left = shares.reduce((sum, share) => sum - share, 1);
  const most = Math.min(...shares, Math.max(0, left));
  return most < 0.01 ? "under 1%" : `at most ${percent(most)}`;
}

function makeRow() {
  return make(
    "button",
    { type: "submit", name: "answer", class: "option unused" },
    make("kbd", { "aria-hidden": "true" }),
    make("span", { class: "option-name" }),
    make("span", { class: "option-percent" }),
    makeTrack(),
  );
}

customElements.define("review-options", ReviewOptions);
