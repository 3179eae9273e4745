// @ts-check
import { labelled } from "./make.js";

/** @typedef {import("./payload.js").Guideline} Guideline */
/** @typedef {import("./payload.js").Start} Start */

/** What the project calls its labels, and its guideline. */
export class ProjectWords {
  /** @type {Map<number, import("./payload.js").Label>} */
  #byId;

  /** @param {Start} start */
  constructor({ labels, guideline, project, experts }) {
    this.labels = labels;
    this.guideline = guideline ?? "";
    this.project = project;
    this.experts = experts;
    this.#byId = new Map(labels.map((label) => [label.id, label]));
  }

  /** @param {number} label */
  nameOf = (label) => this.#byId.get(label)?.name ?? "a retired label";

  /** The same as an element, with its tooltip. @param {number} label */
  named = (label) => labelled(this.nameOf(label), this.#byId.get(label)?.came);

  /** Take the words of a new revision. @param {Guideline} guideline */
  renew({ text, descriptions }) {
    this.guideline = text;
    const described = new Map(descriptions);
    for (const label of this.labels) label.description = described.get(label.id);
  }
}
