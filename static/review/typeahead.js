// @ts-check
import { LabelIndex, marked } from "./label-index.js";
import { capOf, shortcutOf } from "./keys.js";
import { isolated, make } from "./make.js";
import { NO_MATCH } from "./messages.js";
import { percent } from "./payload.js";

/** @typedef {import("./payload.js").Label} Label */

const DRAWN = 50; // rows in the list, however many match
let lists = 0;

/** Any label by the starts of its words. Event: `label` {label}. */
export class LabelTypeahead extends HTMLElement {
  /** @type {LabelIndex | null} */
  #index = null;
  /** @type {Label[]} */
  #labels = [];
  /** @type {Label[]} */
  #matches = [];
  #active = 0;
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
  #empty = make("p", { class: "no-match", role: "status" });
  #panel = make(
    "div",
    { class: "label-panel", hidden: "" },
    this.#list,
    this.#empty,
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
    const prepare = () => (this.#index ??= new LabelIndex(labels));
    if ("requestIdleCallback" in window) requestIdleCallback(prepare);
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  open() {
    this.#input.focus();
  }

  /** On touch it would bring up the keyboard over the example. */
  openForFinePointers() {
    if (matchMedia("(pointer: fine)").matches) this.open();
  }

  close() {
    this.#input.value = "";
    this.#input.blur();
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
    this.#active = 0;
    this.#list.replaceChildren(
      ...matches.slice(0, DRAWN).map(({ label, also }, place) => this.#row(label, also, place, query)),
    );
    this.#empty.textContent = matches.length ? "" : NO_MATCH;
    this.#count.textContent = query ? `${matches.length} of ${this.#labels.length}` : "";
    this.#panel.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#mark();
  }

  /** @param {Label} label @param {string} also @param {number} place @param {string} query */
  #row(label, also, place, query) {
    const name = isolated("");
    for (const [words, hit] of marked(label.name, query)) name.append(hit ? make("b", {}, words) : words);
    const chance = this.probabilities.get(label.id);
    const given = label.id === this.given ? "given" : "";
    const aside = also || given || (chance === undefined ? "" : percent(chance));
    return make(
      "li",
      {
        role: "option",
        id: `${this.#name}-${place}`,
        "data-place": String(place),
        "aria-selected": "false",
        "aria-setsize": String(this.#matches.length),
        "aria-posinset": String(place + 1),
        ...(label.description ? { title: label.description } : {}),
      },
      make("span", {}, name),
      make("span", { class: "aside" }, aside),
      make("kbd", { "aria-hidden": "true" }, "↵"),
    );
  }

  #mark() {
    for (const [place, row] of [...this.#list.children].entries()) {
      const on = place === this.#active;
      row.setAttribute("aria-selected", String(on));
      if (!on) continue;
      this.#input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }
    if (!this.#matches.length) this.#input.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
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

  /** @param {number} place */
  #take(place) {
    const label = this.#matches[place];
    if (!label) return;
    this.close();
    this.dispatchEvent(new CustomEvent("label", { bubbles: true, detail: { label: label.id } }));
  }
}

customElements.define("label-typeahead", LabelTypeahead);
