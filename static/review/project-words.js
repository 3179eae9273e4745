// @ts-check
import { labelled } from "./make.js";

/** @typedef {import("./payload.js").Guideline} Guideline */
/** @typedef {import("./payload.js").Start} Start */

/** What the project calls its labels, and its guideline. */
export class ProjectWords {
  /** @type {Map<number, import("./payload.js").Label>} */
  #byId;

  /** @param {Start} start */
  constructor({ labels, guideline, project, experts, rules = [], references = [] }) {
    this.labels = labels;
    this.guideline = guideline ?? "";
    this.project = project;
    this.experts = experts;
    this.rules = rules;
    this.references = references;
    this.#byId = new Map(labels.map((label) => [label.id, label]));
  }

  /** @param {number} label */
  nameOf = (label) => this.#byId.get(label)?.name ?? "a retired label";

  /** The same as an element, with its tooltip. @param {number} label */
  named = (label) => labelled(this.nameOf(label), this.#byId.get(label)?.came);

  /** Which rule is new, and its version; of several: how many. @param {Guideline} guideline
   * @returns {[string, number]} */
  newsOf({ revision, changed = [] }) {
    if (changed.length > 1) return ["", changed.length];
    if (!changed.length) return [this.project, revision];
    const [{ labels, version }] = changed;
    return [labels.map(this.nameOf).join(" and ") || this.project, version];
  }

  /** Take the words of a new revision. @param {Guideline} guideline */
  renew({ text, descriptions, rules = [], references = [] }) {
    this.guideline = text;
    this.rules = rules;
    this.references = references;
    const described = new Map(descriptions);
    for (const label of this.labels) label.description = described.get(label.id);
  }
}
