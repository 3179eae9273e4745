// @ts-check
import { isolated, make, makePiece } from "../make.js";

/** @typedef {import("../payload.js").Content} Content */
/** @typedef {import("../payload.js").Neighbour} Neighbour */
/** @typedef {(name: string, value: string) => Element | null} Bar of a field */
/** @typedef {[string, string, boolean][]} Fields name, value, whether it is unusual here */

const FIELDS = 60; // of a similar row, as many as are sent
const VALUE = 200; // characters of each
const CLOSE = 0.1; // of the larger of two numbers

/** @param {Content} content */
const read = (content) => /** @type {Content & {fields: Fields}} */ (content).fields;

/** @param {Content} content @param {{part: Element, bar: Bar}} stage */
export function show(content, stage) {
  stage.part.replaceChildren(list(read(content)));
  stage.part.parentElement?.scrollTo(0, 0);
  place(content, stage);
}

/** Bars beside the numbers, by what may be seen now. @param {Content} content
 * @param {{part: Element, bar: Bar}} stage */
export function place(content, { part, bar }) {
  const rows = part.querySelectorAll(".field-list > div");
  read(content).forEach(([name, value], at) => {
    rows[at]?.querySelector(".range")?.remove();
    const drawn = bar(name, value);
    if (drawn) rows[at]?.append(make("dd", { class: "range" }, drawn));
  });
}

/** @param {Content} content */
export function large(content) {
  return list(read(content).map(([name, value]) => [name, value, false]));
}

/** @param {Fields} fields */
function list(fields) {
  const made = make("dl", { class: "field-list" });
  for (const [name, value, unusual] of fields) {
    const words = make("dd", { dir: "auto" }, isolated(value));
    if (unusual) words.append(" ", make("span", { class: "chip chip-warn" }, "unusual"));
    made.append(make("div", {}, make("dt", {}, isolated(name)), words));
  }
  return made;
}

/** @param {Content} content */
export function beside(content) {
  const count = read(content).length;
  return [make("span", {}, `${count} ${count === 1 ? "field" : "fields"}`)];
}

/** Similar rows as columns, beside this one. @param {Content} content @param {Neighbour[]} near
 * @param {HTMLElement[]} heads */
export function near(content, near, heads) {
  const others = near.map(({ fields = [] }) => new Map(fields));
  const columns = ["This one", ...heads].map((head) => make("th", { scope: "col" }, head));
  const rows = read(content).map(([name, value]) => {
    const cells = [value, ...others.map((other) => other.get(name) ?? "…")];
    return make("tr", {}, make("th", { scope: "row", title: name }, isolated(name)), ...cells.map(makeCell));
  });
  const head = make("tr", {}, make("th", { scope: "col" }, "Field"), ...columns);
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
}

/** @param {string} value */
const makeCell = (value) => make("td", { dir: "auto", title: value }, isolated(value || "–"));

/** Whether two values differ by more than numbers of one kind do: at least by a tenth.
 * @param {string} one @param {string} other */
export function differMuch(one, other) {
  const [a, b] = [one, other].map((value) => (value.trim() ? Number(value) : NaN));
  if (Number.isNaN(a) || Number.isNaN(b)) return one.trim().toLowerCase() !== other.trim().toLowerCase();
  return Math.abs(a - b) > CLOSE * Math.max(Math.abs(a), Math.abs(b));
}

/** @param {Content} content */
export function tile(content) {
  const fields = read(content).map(([name, value]) =>
    make("span", { class: "tile-field" }, isolated(name), " ", make("b", {}, isolated(value))),
  );
  return make("span", { class: "tile-text", dir: "auto" }, ...fields);
}

/** @param {Content} content @param {Neighbour} near @param {HTMLElement[]} heads */
export function compare(content, near, heads) {
  const others = new Map(near.fields);
  const rows = read(content).map(([name, value]) => {
    const other = others.get(name);
    const unsent = other === undefined && others.size >= FIELDS;
    const shown = other?.length === VALUE ? value.slice(0, VALUE) : value;
    const differs = !unsent && differMuch(shown, other ?? "");
    const cells = [value, unsent ? "…" : (other ?? "")].map((words) =>
      make("td", { dir: "auto" }, makePiece([words || "–", differs])),
    );
    return make("tr", {}, make("th", { scope: "row" }, isolated(name)), ...cells);
  });
  const columns = heads.map((head) => make("th", { scope: "col" }, head));
  return [
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Field"), ...columns)),
      make("tbody", {}, ...rows),
    ),
  ];
}
