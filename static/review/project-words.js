// @ts-check
/** @typedef {import("./payload.js").Guideline} Guideline */
/** @typedef {import("./payload.js").Start} Start */

/** What the project calls its labels, and its guideline. */
export class ProjectWords {
  /** @type {Map<number, string>} */
  #names;

  /** @param {Start} start */
  constructor({ labels, guideline, project }) {
    this.labels = labels;
    this.guideline = guideline ?? "";
    this.project = project;
    this.#names = new Map(labels.map(({ id, name }) => [id, name]));
  }

  /** @param {number} label */
  nameOf = (label) => this.#names.get(label) ?? "a retired label";

  /** Take the words of a new revision. @param {Guideline} guideline */
  renew({ text, descriptions }) {
    this.guideline = text;
    const described = new Map(descriptions);
    for (const label of this.labels) label.description = described.get(label.id);
  }
}
