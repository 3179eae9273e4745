// @ts-check
import { labelled, make } from "./make.js";
import { drawerOf } from "./types/registry.js";

/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Neighbour} Neighbour */

/** Why this example is here, and the examples most like it. */
export class ReviewEvidence extends HTMLElement {
  /** @type {(label: number) => HTMLElement} */
  named = (label) => labelled(String(label));

  /** @param {Partial<Pick<Example, "content" | "why" | "neighbours" | "given" | "options">>} example */
  show({ content, why = [], neighbours = [], given, options = [] }) {
    const favored = (options ?? []).find(([label]) => label !== given)?.[0];
    this.#part("why")?.replaceChildren(...why.map((part) => this.#sentencePart(part)));
    const near = neighbours.slice(0, 6);
    const together = content && near.length ? drawerOf(content).near : undefined;
    const heads = near.map((neighbour) => this.#head(neighbour, favored));
    const rows = content && together ? [together(content, near, heads)] : near.map((one) => this.#row(one, favored));
    this.#part("neighbours")?.replaceChildren(...rows);
    this.querySelector(".why")?.toggleAttribute("hidden", why.length === 0);
    this.querySelector(".neighbours")?.toggleAttribute("hidden", neighbours.length === 0);
    const compare = document.querySelector("[data-do=compare]");
    if (compare instanceof HTMLButtonElement) compare.disabled = neighbours.length === 0;
  }

  clear() {
    this.show({});
  }

  /** @param {string} name */
  #part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  /** @param {[string, string | number]} part words, or the id of a label */
  #sentencePart([kind, value]) {
    if (kind !== "label") return String(value);
    return make("strong", {}, this.named(Number(value)));
  }

  /** Similarity and label over a column. @param {Neighbour} neighbour @param {number | undefined} favored */
  #head({ similarity, label, relabeled }, favored) {
    const head = make("span", { class: "near-head" }, makeSimilarity(similarity));
    if (relabeled) head.append(make("span", { class: "relabeled" }, "relabeled"));
    if (label !== undefined) head.append(makeChip(this.named(label), label === favored));
    return head;
  }

  /** @param {Neighbour} neighbour @param {number | undefined} favored */
  #row(neighbour, favored) {
    const { similarity, label, relabeled, url, text = "", width, height } = neighbour;
    const near = makeSimilarity(similarity);
    const name = label === undefined ? null : this.named(label);
    if (url) {
      const crisp = width && height && isSmall(width, height) ? "crisp" : "";
      const image = make("img", { src: url, alt: "", width: "112", height: "92", class: crisp });
      const words = make("figcaption", {}, name ?? "", near);
      if (relabeled) words.append(make("span", { class: "relabeled" }, "relabeled"));
      return make("li", {}, make("figure", {}, image, words));
    }
    const row = make("li", {}, near, make("span", { class: "neighbour-text", dir: "auto" }, text));
    const labels = make("span", { class: "neighbour-label" });
    if (relabeled) labels.append(make("span", { class: "relabeled" }, "relabeled"));
    if (name) labels.append(makeChip(name, label === favored));
    row.append(labels);
    return row;
  }
}

/** @param {number} similarity */
const makeSimilarity = (similarity) =>
  make("span", { class: "mono near" }, similarity.toFixed(2).replace(/^0/, ""));

/** @param {HTMLElement} name @param {boolean} favored */
const makeChip = (name, favored) => make("span", { class: favored ? "chip chip-relabel" : "chip" }, name);

/** Whether a thumbnail of an image shows its pixels as squares. @param {number} width
 * @param {number} height */
function isSmall(width, height) {
  return Math.max(width, height) * 3 <= 92;
}

customElements.define("review-evidence", ReviewEvidence);
