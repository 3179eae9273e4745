// @ts-check
/**
 * The shapes that travel between server and desk. What a mode hides is not sent at all.
 *
 * @typedef {{id: number, name: string, came?: string, key?: string, code?: string,
 *   synonyms?: string[], description?: string, count?: number}} Label
 * @typedef {{type: string, url?: string, width?: number | null, height?: number | null}} Content
 * @typedef {{example: number, text?: string, cut?: boolean, url?: string, width?: number | null,
 *   height?: number | null, fields?: [string, string][], similarity: number, label?: number,
 *   relabeled?: boolean}} Neighbour
 * @typedef {{lease: string, leaseFrom?: string, example: number, key: string,
 *   mode: string, content: Content, meta?: [string, string][],
 *   given?: number | null, options?: [number, number][], why?: [string, string | number][],
 *   neighbours?: Neighbour[], first?: Answer, together?: Together} & Scores} Example
 * @typedef {{examples: number, labels: number, words: string}} Together
 * @typedef {{quality?: number | null, difficulty?: number | null}} Scores
 * @typedef {{done: number, size: number, confirmed?: number, relabeled?: number,
 *   removed?: number, copies?: number, seconds_left: number | null}} Progress
 * @typedef {{labels: Label[], examples: Example[], progress: Progress, guideline: string | null,
 *   guideline_revision: number, project: string, experts: boolean, rules?: Rule[],
 *   references?: Reference[], ranges: Record<string, Ranges>}} Start
 * @typedef {{text: string, strong?: boolean, em?: boolean, code?: boolean, href?: string}} Span
 * @typedef {{kind: string, items: Span[][]}} Block
 * @typedef {{labels: number[], version: number, blocks: Block[]}} Rule
 * @typedef {{label: number, example: number, belongs: string, text: string}} Reference
 * @typedef {{every: [number, number], of: [number, number, number][]}} Ranges
 * @typedef {{want: number, held: string[], guideline?: number | null}} Asking
 * @typedef {{examples: Example[], state: string, with_others: number,
 *   next_free_in: number | null, guideline?: Guideline}} Handed
 * @typedef {Handed & {progress: Progress | null}} Claimed
 * @typedef {Partial<Handed> & {seq?: number, example?: Example | number | null,
 *   message?: string | null, minutes_ago?: number | null, copies?: number,
 *   undone?: number} & Scores} Reply
 * @typedef {{revision: number, text: string, descriptions: [number, string][], rules?: Rule[],
 *   references?: Reference[], changed?: {labels: number[], version: number}[]}} Guideline
 * @typedef {{verdict: "confirm" | "relabel" | "remove", label: number | null,
 *   reason: string | null}} Answer
 * @typedef {Pick<Example, "why" | "neighbours" | "options"> & Scores & {agrees: boolean,
 *   given: number | null, suggested: number | null}} Revealed
 * A `Content` is drawn by its type; its `url` is a picture, decoded before the example is shown.
 * `Asking` is said beside an answer too, so that its `Reply` hands out what is missing; there
 * `example` is the card that an undo brings back, and the id of what another answer was about.
 * `together`: its answer goes to so many identical examples; `copies` of a reply are the others.
 * A label is shown by `name`; `came` is its own, where another; `key` is there where all are listed.
 * `Ranges` are of a column: between which numbers most values lie, of all rows and by label.
 * `first` was said before the evidence was shown. `leaseFrom` names the undo whose reply brings the lease of an example shown again.
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
    return reason ? `Removed, ${reason[1]}` : "Removed";
  }
  const name = answer.label === null ? "" : nameOf(answer.label);
  if (givenHidden) return `Labeled as ${name}`;
  return answer.verdict === "confirm" ? `Confirmed ${name}` : `Relabeled as ${name}`;
}

/** What a tooltip says of a label: its own name, whole, and what it means. @param {Label} label */
export const tooltipOf = ({ name, came = name, description = "" }) =>
  [came, description].filter(Boolean).join("\n");

/** Percent as options print it, as `app/shares.py` says it. @param {number} probability */
export function percent(probability) {
  if (probability > 0 && probability < 0.01) return "under 1%";
  if (probability > 0.99 && probability < 1) return "over 99%";
  return `${Math.round(probability * 100)}%`;
}

/** An answer as the server takes it: only relabel carries a label. @param {Answer} answer */
export const sent = (answer) => ({ ...answer, label: answer.verdict === "relabel" ? answer.label : null });

/** The example that a reply brings back, if it does. @param {Reply} reply */
export const broughtBack = ({ example }) => (typeof example === "object" ? example : null);
