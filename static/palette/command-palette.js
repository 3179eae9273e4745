// @ts-check
import { csrfToken } from "../review/calls.js";
import { folded } from "../review/label-index.js";
import { make } from "../review/make.js";
import { pageActions } from "./page-actions.js";
import { KINDS, paletteRow } from "./palette-row.js";

/** @typedef {import("./page-actions.js").Offer} Offer */

const WORDS = "Go to or do anything";
const PAUSE = 60; // ms without a key before the server is asked
const DRAWN = 50;
const ORDER = Object.keys(KINDS);

/** Pages, batches, labels, people and actions, found by the starts of their words. */
export class CommandPalette extends HTMLElement {
  /** @type {Offer[]} what the server listed last */
  #listed = [];
  /** @type {Offer[]} what the page itself does */
  #here = [];
  /** @type {Offer[]} what is drawn */
  #rows = [];
  #active = 0;
  #problem = "";
  #asked = new AbortController();
  /** @type {Promise<void> | null} */
  #answer = null;
  #input = make("input", {
    type: "text",
    role: "combobox",
    class: "palette-input",
    placeholder: WORDS,
    "aria-label": WORDS,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: "200",
    "aria-autocomplete": "list",
    "aria-expanded": "true",
    "aria-controls": "palette-list",
  });
  #list = make("ul", { role: "listbox", id: "palette-list", class: "palette-list", "aria-label": "What was found" });
  #status = make("p", { class: "palette-status", role: "status" });
  #dialog = make("dialog", { class: "palette", "aria-label": WORDS }, this.#input, this.#list, this.#status);

  connectedCallback() {
    this.append(this.#dialog);
    this.#input.addEventListener("input", () => this.#search());
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("pointerdown", (event) => {
      if (event.target !== this.#input) event.preventDefault(); // the focus stays in the field
    });
    this.#dialog.addEventListener("click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("li") : null;
      if (row) this.#take(this.#rows[Number(row.dataset.place)]);
      else if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => this.#asked.abort());
  }

  /** Whether the server has not answered yet. */
  get waiting() {
    return this.#answer !== null;
  }

  /** Open it, unless something else is open; or close it. */
  toggle() {
    if (this.#dialog.open) return this.#dialog.close();
    if (document.querySelector("dialog[open]")) return undefined;
    this.#here = pageActions();
    this.#listed = [];
    this.#input.value = "";
    this.#dialog.showModal();
    this.#input.focus();
    return this.#search();
  }

  #search() {
    this.#asked.abort();
    const asked = (this.#asked = new AbortController());
    const answer = this.#ask(this.#input.value, asked.signal).finally(() => {
      if (this.#answer === answer) this.#answer = null;
      if (!asked.signal.aborted) this.#draw();
    });
    this.#answer = answer;
    this.#draw();
  }

  /** @param {string} query @param {AbortSignal} signal */
  async #ask(query, signal) {
    if (query) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (signal.aborted) return;
    const asked = new URLSearchParams({ q: query, project: this.dataset.project ?? "" });
    try {
      const reply = await fetch(`/api/v1/palette?${asked}`, { headers: { Accept: "application/json" }, signal });
      if (!reply.ok) throw new Error(String(reply.status));
      /** @type {{entries: Offer[]}} */
      const { entries } = await reply.json();
      this.#listed = entries;
      this.#problem = "";
    } catch {
      if (signal.aborted) return;
      this.#problem = "The list could not be loaded. What this page does is still here.";
    }
  }

  #draw() {
    const query = this.#input.value;
    const known = this.#answer === null && !this.#problem; // the server has ranked its own
    const listed = known ? this.#listed : ranked(this.#listed, query);
    this.#rows = [...ranked(this.#here, query), ...listed]
      .sort((a, b) => a.rank - b.rank || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
      .slice(0, DRAWN);
    this.#list.replaceChildren(
      ...this.#rows.map((offer, place) => paletteRow(offer, place, this.#rows.length, query)),
    );
    this.#list.hidden = this.#rows.length === 0;
    this.#status.textContent = this.#told();
    this.#move(0);
  }

  #told() {
    if (this.#answer !== null) return "";
    if (this.#problem) return this.#problem;
    return this.#rows.length ? `${this.#rows.length} found` : "Nothing begins with these words.";
  }

  /** @param {number} to */
  #move(to) {
    const count = this.#rows.length;
    this.#active = count ? (to + count) % count : 0;
    this.#input.removeAttribute("aria-activedescendant");
    for (const [place, row] of [...this.#list.children].entries()) {
      row.setAttribute("aria-selected", String(place === this.#active));
      if (place !== this.#active) continue;
      this.#input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation(); // no key pressed here is for the page below
    if (event.isComposing) return;
    if (event.key === "ArrowDown") this.#move(this.#active + 1);
    else if (event.key === "ArrowUp") this.#move(this.#active - 1);
    else if (event.key === "Escape") this.#dialog.close();
    else if (event.key === "Enter" && !event.repeat) this.#enter();
    else return;
    event.preventDefault();
  }

  async #enter() {
    const query = this.#input.value;
    await this.#answer; // what was typed decides, not what happens to be listed
    if (this.#dialog.open && query === this.#input.value) this.#take(this.#rows[this.#active]);
  }

  /** @param {Offer | undefined} offer */
  #take(offer) {
    if (!offer) return;
    this.#dialog.close();
    if (offer.run) offer.run();
    else if (offer.post) send(offer.url ?? "/");
    else location.assign(offer.url ?? "/");
  }
}

/** Those that match, ranked as on the server: 0 the name itself, 1 its beginning, 2 its words.
 * @param {Offer[]} offers @param {string} query */
function ranked(offers, query) {
  const whole = folded(query);
  const words = whole.split(" ").filter(Boolean);
  return offers.flatMap((offer) => {
    const title = folded(offer.name);
    if (!words.every((word) => title.includes(` ${word}`))) return [];
    const same = title === whole || words.length === 0;
    return [{ ...offer, rank: same ? 0 : title.startsWith(whole) ? 1 : 2 }];
  });
}

/** @param {string} url */
function send(url) {
  const field = make("input", { type: "hidden", name: "csrf", value: csrfToken() });
  const form = make("form", { method: "post", action: url, hidden: "" }, field);
  document.body.append(form);
  form.submit();
}

customElements.define("command-palette", CommandPalette);
