// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { actionOf, capOf } from "./keys.js";
import { isolated, make } from "./make.js";
import { percent } from "./payload.js";
import { singleKeys } from "./single-keys.js";

/** @typedef {import("./payload.js").Answer} Answer */
/** @typedef {import("./payload.js").Revealed} Revealed */

/** Decide first: the own answer beside the given label and the suggestion, after it was given. */
export class FirstAnswer extends HTMLElement {
  #rows = make("div", { class: "first-answers" });
  #dialog = makeDialog(
    "You chose",
    this.#rows,
    make("p", { class: "quiet" }, "Both your first and your final answer are stored."),
  );

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.classList.add("beside");
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const enter = event.key === "Enter" && !event.repeat && !event.ctrlKey && !event.metaKey;
      const wanted = enter ? "own" : actionOf(event, singleKeys());
      if (!["own", "confirm", "option:1"].includes(wanted)) return;
      event.preventDefault();
      const row = this.#rows.querySelector(`[data-key="${wanted}"]`);
      if (row instanceof HTMLButtonElement) leave(this.#dialog, row.value);
    });
    this.#rows.addEventListener("click", (event) => {
      const row = event.target instanceof Element && event.target.closest("[value]");
      if (row instanceof HTMLButtonElement) leave(this.#dialog, row.value);
    });
  }

  /**
   * @param {string} own the answer in words
   * @param {Answer} answer
   * @param {Revealed} revealed
   * @param {(label: number) => HTMLElement} named
   * @returns {Promise<string>} "own", "given", "suggested", or "" to think again
   */
  async ask(own, answer, revealed, named) {
    const heading = this.#dialog.querySelector("h2");
    const name = answer.label === null ? isolated(own) : named(answer.label);
    heading?.replaceChildren("You chose ", name.cloneNode(true));
    this.#dialog.setAttribute("aria-label", `You chose ${name.textContent}`);
    const rows = [makeRow("own", "↵", "own", name, "your answer")];
    const { given, suggested, options = [] } = revealed;
    const probability = options.find(([label]) => label === suggested)?.[1];
    if (typeof given === "number" && given !== answer.label) {
      rows.push(makeRow("confirm", capOf("confirm"), "given", named(given), "given"));
    }
    if (typeof suggested === "number" && suggested !== answer.label && suggested !== given) {
      const model = probability === undefined ? "model" : `model, ${percent(probability)}`;
      rows.push(makeRow("option:1", "1", "suggested", named(suggested), model));
    }
    this.#rows.replaceChildren(...rows);
    return asked(this.#dialog);
  }
}

/** @param {string} key the action of its key @param {string} cap @param {string} value @param {HTMLElement} name
 * @param {string} whose */
function makeRow(key, cap, value, name, whose) {
  return make(
    "button",
    { type: "button", class: "option", value, "data-key": key },
    make("kbd", { "aria-hidden": "true" }, cap),
    make("span", { class: "option-name" }, name),
    make("span", { class: "whose" }, whose),
  );
}

customElements.define("first-answer", FirstAnswer);
