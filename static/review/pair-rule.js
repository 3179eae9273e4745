// @ts-check
import { atHand, drawn, pairRule } from "./guideline.js";
import { make } from "./make.js";

/** The rule for the two labels at hand, without opening anything. It keeps its room. */
export class PairRule extends HTMLElement {
  /** @param {import("./project-words.js").ProjectWords} words
   * @param {import("./payload.js").Example | null} example */
  show({ rules, nameOf }, example) {
    const rule = pairRule(rules, atHand(example));
    const title = rule ? rule.labels.map(nameOf).join(" or ") : "";
    this.classList.toggle("unused", !rule);
    this.replaceChildren(...(rule ? [make("h3", {}, title), drawn(rule.blocks)] : []));
  }
}

customElements.define("pair-rule", PairRule);
