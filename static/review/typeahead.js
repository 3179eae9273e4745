// @ts-check
import { LabelIndex } from "./label-index.js";
import { makeMatch } from "./label-match.js";
import { actionOf, capOf, shortcutOf } from "./keys.js";
import { make } from "./make.js";
import { NO_MATCH } from "./messages.js";
import { percent } from "./payload.js";
import { singleKeys } from "./single-keys.js";

/** @typedef {import("./payload.js").Label} Label */

const DRAWN = 50; // rows in the list, however many match
const ACTS = new Set("remove skip refer note undo redo help guideline earlier later".split(" "));
const TOLD = ["remove", "skip", "refer", "note", "undo"];
let lists = 0;

/** Any label by the starts of its words. Where the desk opens it by itself, keys that act still do
 * while it is empty. Events: `label` {label}, `action` {action}. */
export class LabelTypeahead extends HTMLElement {
  /** @type {LabelIndex | null} */
  #index = null;
  /** @type {Label[]} */
  #labels = [];
  /** @type {Label[]} */
  #matches = [];
  #active = -1;
  #typing = false; // whether every key types
  /** @type {Map<number, number>} */
  probabilities = new Map();
  /** @type {number | null | undefined} */
  given;
  #name = `label-list-${(lists += 1)}`;
  #input = make("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": this.#name,
    "aria-keyshortcuts": shortcutOf("label"),
  });
  #count = make("span", { class: "count", "aria-hidden": "true" });
  #list = make("ul", { role: "listbox", id: this.#name, "aria-label": "Matching labels" });
  #keys = make("p", { class: "no-label", hidden: "" });
  #empty = make("p", { class: "no-match", role: "status" });
  #panel = make(
    "div",
    { class: "label-panel", hidden: "" },
    ...[this.#list, this.#empty, this.#keys],
    make(
      "p",
      { class: "no-label" },
      "No fitting label? ",
      make("button", { type: "button", class: "text-button", "data-do": "no-label" }, "Remove as No label fits"),
      " and propose one in the note.",
    ),
  );

  connectedCallback() {
    this.replaceChildren(
      make("label", { class: "label-field" }, make("kbd", { "aria-hidden": "true" }, capOf("label")), this.#input, this.#count),
      this.#panel,
    );
    this.#input.addEventListener("input", () => this.#search());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("focus", () => this.#search());
    this.#input.addEventListener("blur", () => this.#shut());
    this.#panel.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("li") : null;
      if (row instanceof HTMLElement) this.#take(Number(row.dataset.place));
    });
  }

  /** @param {Label[]} labels */
  set labels(labels) {
    this.#labels = labels;
    this.#index = null;
    const words = `Any of ${labels.length.toLocaleString()} labels`;
    this.#input.placeholder = words;
    this.#input.setAttribute("aria-label", words);
    if ("requestIdleCallback" in window) requestIdleCallback(() => (this.#index ??= new LabelIndex(labels)));
  }

  /** @param {boolean} [typing] whether every key types, from the first on */
  open(typing = true) {
    this.#typing = typing;
    this.#input.focus();
    this.#tellKeys();
  }

  /** On touch it would bring up the keyboard over the example. */
  openForFinePointers() {
    if (matchMedia("(pointer: fine)").matches) this.open(false);
  }

  close() {
    this.#input.value = "";
    this.#input.blur();
  }

  /** Which keys do not type, while they do not. */
  #tellKeys() {
    this.#keys.hidden = this.#typing || this.#input.value !== "";
    const caps = TOLD.map(capOf).join(", ");
    this.#keys.textContent = `While nothing is typed, ${caps} act as always. To type one of them first, press ${capOf("label")}.`;
  }

  #shut() {
    this.#input.value = "";
    this.#count.textContent = "";
    this.#panel.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #search() {
    const query = this.#input.value;
    this.#index ??= new LabelIndex(this.#labels);
    const matches = this.#index.find(query, this.probabilities);
    this.#matches = matches.map(({ label }) => label);
    this.#active = query.trim() ? 0 : -1; // nobody chose what nobody typed
    this.#tellKeys();
    this.#list.replaceChildren(
      ...matches.slice(0, DRAWN).map((match, place) => this.#row(match, place, query)),
    );
    this.#empty.textContent = matches.length ? "" : NO_MATCH;
    this.#count.textContent = query ? `${matches.length} of ${this.#labels.length}` : "";
    this.#panel.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#mark();
  }

  /** @param {import("./label-index.js").Match} match @param {number} place @param {string} query */
  #row({ label, also }, place, query) {
    const chance = this.probabilities.get(label.id);
    const said = label.id === this.given ? "given" : chance === undefined ? "" : percent(chance);
    const row = makeMatch(label, query, also || said);
    row.id = `${this.#name}-${place}`;
    row.dataset.place = String(place);
    row.setAttribute("aria-setsize", String(this.#matches.length));
    row.setAttribute("aria-posinset", String(place + 1));
    return row;
  }

  #mark() {
    for (const [place, row] of [...this.#list.children].entries()) {
      const on = place === this.#active;
      row.setAttribute("aria-selected", String(on));
      if (!on) continue;
      this.#input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }
    if (!this.#matches[this.#active]) this.#input.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    if (!this.#typing && !this.#input.value && this.#acts(event)) return;
    const last = Math.min(DRAWN, this.#matches.length) - 1;
    if (event.key === "ArrowDown") this.#active = this.#active >= last ? 0 : this.#active + 1;
    else if (event.key === "ArrowUp") this.#active = this.#active <= 0 ? last : this.#active - 1;
    else if (event.key === "Enter" && !event.repeat) this.#take(this.#active);
    else if (event.key === "Escape") this.close();
    else if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key.startsWith("Arrow")) this.#mark();
  }

  /** A key that acts while nothing is typed. @param {KeyboardEvent} event */
  #acts(event) {
    const action = actionOf(event, singleKeys());
    if (action === "label") {
      this.#typing = true;
      this.#tellKeys();
    } else if (ACTS.has(action) && !event.key.startsWith("Arrow")) {
      this.dispatchEvent(new CustomEvent("action", { bubbles: true, detail: { action } }));
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {number} place */
  #take(place) {
    const label = this.#matches[place];
    if (!label) return;
    this.close();
    this.dispatchEvent(new CustomEvent("label", { bubbles: true, detail: { label: label.id } }));
  }
}

customElements.define("label-typeahead", LabelTypeahead);
