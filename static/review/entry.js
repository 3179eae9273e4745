// @ts-check
import { broughtBack, sent } from "./payload.js";

/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Reply} Reply */
/**
 * What waits to be sent, on this device: ids, labels, keys and the reviewer's own notes. Never
 * the text of an example.
 *
 * @typedef {import("./payload.js").Answer} Answer
 * @typedef {Answer & {key: string, lease?: string | null, example?: number,
 *   supersedes?: number | null, note: string | null, first_answer?: Answer, position?: number,
 *   browser_seconds?: number}} DecisionPayload
 * @typedef {{key: string, lease: string, note?: string}} PassPayload
 * @typedef {{key: string, batch?: number, example?: number, seq?: number | null}} UndoPayload
 * @typedef {{key: string, example: number, seq: number | null}} RedoPayload
 * @typedef {{key: string, batch: number, confirmed: string[], marked: string[],
 *   browser_seconds: number}} PagePayload
 * @typedef {{key: string, batch: number, page: string}} TakeBackPayload
 * @typedef {{kind: "decision", payload: DecisionPayload}
 *   | {kind: "skip" | "refer", payload: PassPayload} | {kind: "undo", payload: UndoPayload}
 *   | {kind: "redo", payload: RedoPayload} | {kind: "page", payload: PagePayload}
 *   | {kind: "take-back", payload: TakeBackPayload}} Said
 * @typedef {Said & {key: string, example: number, name: string, leaseFrom?: string,
 *   seqFrom?: string}} Given
 * @typedef {"skip" | "refer"} Passing
 * @typedef {{example: Example, answer: Answer | null, passing: Passing | null, key: string,
 *   seq: number | null, note?: string, told?: import("./payload.js").Scores}} Step an example answered or passed on
 * @typedef {{note: string, position: number, seconds: number}} Beside
 * @typedef {Given & {n?: number, person: string, desk: string, problem?: string}} Entry
 * `leaseFrom` names the undo whose reply brings the lease, `seqFrom` the answer whose reply
 * brings the seq: both may still wait in the same outbox.
 */

/** Where each kind is sent. @type {Record<Entry["kind"], string>} */
export const PATHS = {
  decision: "/api/v1/decisions",
  skip: "/api/v1/leases/skip",
  refer: "/api/v1/leases/refer",
  undo: "/api/v1/undo",
  redo: "/api/v1/redo",
  page: "/api/v1/grid",
  "take-back": "/api/v1/grid/undo",
};

/** Those that only turn around what was said before. @type {Set<Entry["kind"]>} */
export const REVERSES = new Set(["undo", "redo", "take-back"]);

/** The leases it answers. @param {Entry} entry */
export function leasesOf({ payload }) {
  if ("confirmed" in payload) return [...payload.confirmed, ...payload.marked];
  return "lease" in payload && payload.lease ? [payload.lease] : [];
}

/** Give an entry the lease or seq it waits for. @param {Entry} later @param {Entry} entry
 * @param {Reply} reply to `entry` @returns {boolean} whether it brought one */
export function resolve(later, entry, reply) {
  const lease = later.leaseFrom === entry.key && broughtBack(reply)?.lease;
  const seq = later.seqFrom === entry.key && reply.seq;
  if (lease && "lease" in later.payload) later.payload.lease = lease;
  if (seq && later.kind === "decision") later.payload.supersedes = seq;
  else if (seq && "seq" in later.payload) later.payload.seq = seq;
  return Boolean(lease || seq);
}

/** An answer to a lease. @param {Step} step @param {Answer} answer @param {Beside} beside */
export function answered(step, answer, { note, position, seconds }) {
  const { example, key } = step;
  const payload = { key, lease: example.lease || null, ...sent(answer), note: note || null };
  return about(step, { kind: "decision", payload: { ...payload, position, browser_seconds: seconds } });
}

/** @param {Step} step @param {Passing} kind */
export function passedOn(step, kind) {
  const { example, key, note } = step;
  return about(step, { kind, payload: { ...(note ? { note } : {}), key, lease: example.lease } });
}

/** @param {Step} step @param {Reply} reply to its answer, or to its passing on */
export function stored(step, { seq, quality, difficulty }) {
  if (seq) step.seq = seq;
  if (quality !== undefined) step.told = { quality, difficulty };
}

/** An earlier answer is replaced. @param {Step} step @param {Answer} answer the new one
 * @param {string} note @param {{key: string, seq: number | null}} before */
export function replaced(step, answer, note, { key, seq }) {
  const { example } = step.example;
  const payload = { key: step.key, supersedes: seq, example, ...sent(answer), note: note || null };
  return about(step, { kind: "decision", payload }, seq ? "" : key);
}

/** @param {Step} step @param {string} key @param {number | null} batch */
export function undone({ key: before, ...step }, key, batch) {
  const place = batch ? { batch } : { example: step.example.example };
  const payload = { key, seq: step.seq, ...place };
  return about(step, { kind: "undo", payload }, step.seq ? "" : before);
}

/** The last answer in a batch, which this page does not know. @param {string} key
 * @param {number} batch @returns {Given} */
export function lastUndone(key, batch) {
  return { kind: "undo", key, example: 0, name: "", payload: { key, batch } };
}

/** It is held again. @param {Example} example @param {string} lease */
export function held(example, lease) {
  example.lease = lease;
  delete example.leaseFrom;
}

/** @param {Step} step @param {string} key */
export function redone({ key: before, ...step }, key) {
  const payload = { key, seq: step.seq, example: step.example.example };
  return about(step, { kind: "redo", payload }, step.seq ? "" : before);
}

/** @param {Pick<Step, "example">} step @param {Said} said
 * @param {string} [seqFrom] the answer whose seq it waits for @returns {Given} */
function about({ example: { example, key: name, leaseFrom } }, said, seqFrom = "") {
  const turns = said.kind === "undo" || said.kind === "redo";
  const waits = { ...(leaseFrom && !turns ? { leaseFrom } : {}), ...(seqFrom ? { seqFrom } : {}) };
  return { ...said, key: said.payload.key, example, name, ...waits };
}
