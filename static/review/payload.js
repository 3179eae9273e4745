// @ts-check
/**
 * The shapes that travel between server and desk. What a mode hides is not sent at all.
 *
 * @typedef {{id: number, name: string, code?: string, synonyms?: string[], description?: string,
 *   count?: number}} Label
 * @typedef {{type: "text", text: string, lang?: string | null}} TextContent
 * @typedef {{type: "image", url: string, width: number | null,
 *   height: number | null}} ImageContent
 * @typedef {{type: "tabular", fields: [string, string, boolean][]}} TabularContent
 * @typedef {{example: number, text?: string, cut?: boolean, url?: string, width?: number | null,
 *   height?: number | null, fields?: [string, string][], similarity: number, label?: number,
 *   relabeled?: boolean}} Neighbour
 * @typedef {{lease: string, leaseFrom?: string, example: number, key: string,
 *   mode: string,   content: TextContent | ImageContent | TabularContent, meta?: [string, string][],
 *   given?: number | null, options?: [number, number][], why?: [string, string | number][],
 *   neighbours?: Neighbour[], quality?: number, difficulty?: number}} Example
 * @typedef {{done: number, size: number, confirmed: number, relabeled: number, removed: number,
 *   seconds_left: number | null}} Progress
 * @typedef {{examples: Example[], progress: Progress, state: string, with_others?: number,
 *   next_free_in?: number | null, guideline?: Guideline}} Claimed
 * @typedef {{revision: number, text: string, descriptions: [number, string][]}} Guideline
 * @typedef {{verdict: "confirm" | "relabel" | "remove", label: number | null,
 *   reason: string | null}} Answer
 * @typedef {{agrees: boolean, given?: number | null, suggested?: number | null,
 *   why?: [string, string | number][], neighbours?: Neighbour[],
 *   options?: [number, number][]}} Revealed
 * `leaseFrom` names the undo whose reply brings the lease of an example shown again.
 */

/** Reasons to remove, in the order of their keys 1 to 6. @type {[string, string][]} */
export const REASONS = [
  ["no_label", "No label fits"],
  ["several_labels", "Several labels fit"],
  ["unreadable", "Unreadable or broken"],
  ["duplicate", "Duplicate"],
  ["private", "Private data"],
  ["other", "Other reason"],
];

/**
 * Say an answer in words: "Relabeled as Card arrival".
 * @param {Answer} answer
 * @param {(label: number) => string} nameOf
 * @param {boolean} givenHidden
 */
export function answerInWords(answer, nameOf, givenHidden) {
  if (answer.verdict === "remove") {
    const reason = REASONS.find(([word]) => word === answer.reason);
    return `Removed, ${reason ? reason[1] : "Other reason"}`;
  }
  const name = answer.label === null ? "" : nameOf(answer.label);
  if (givenHidden) return `Labeled as ${name}`;
  return answer.verdict === "confirm" ? `Confirmed ${name}` : `Relabeled as ${name}`;
}

/** Percent as options print it. @param {number} probability */
export function percent(probability) {
  return `${Math.round(probability * 100)}%`;
}

/**
 * The progress after one more answer, or one less.
 * @param {Progress} progress
 * @param {[string, number]} added
 * @returns {Progress}
 */
export function counted(progress, [verdict, by]) {
  /** @type {any} */
  const sum = { ...progress, done: progress.done + by };
  const word = { confirm: "confirmed", relabel: "relabeled", remove: "removed" }[verdict];
  if (word && typeof sum[word] === "number") sum[word] += by;
  const left = progress.size - progress.done;
  if (sum.seconds_left && left > 0) sum.seconds_left *= (left - by) / left;
  return sum;
}

/** An answer as the server takes it: only relabel carries a label. @param {Answer | null} answer */
export const sent = (answer) => ({ ...answer, label: answer?.verdict === "relabel" ? answer.label : null });
