// @ts-check
import { isolated, make, makePiece } from "../make.js";

/** @typedef {import("../payload.js").Content} Content */
/** @typedef {[string, string, boolean][]} Fields name, value, whether it is unusual here */

const FIELDS = 60; // of a similar row, as many as are sent
const VALUE = 200; // characters of each

/** @param {Content} content */
const read = (content) => /** @type {Content & {fields: Fields}} */ (content).fields;

/** @param {Content} content @param {{part: Element}} stage */
export function show(content, { part }) {
  part.replaceChildren(list(read(content)));
  part.parentElement?.scrollTo(0, 0);
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
export function tile(content) {
  const fields = read(content).map(([name, value]) =>
    make("span", { class: "tile-field" }, isolated(name), " ", make("b", {}, isolated(value))),
  );
  return make("span", { class: "tile-text", dir: "auto" }, ...fields);
}

/** @param {Content} content @param {import("../payload.js").Neighbour} near
 * @param {HTMLElement[]} heads */
export function compare(content, near, heads) {
  const others = new Map(near.fields);
  const rows = read(content).map(([name, value]) => {
    const other = others.get(name);
    const unsent = other === undefined && others.size >= FIELDS;
    const shown = other?.length === VALUE ? value.slice(0, VALUE) : value;
    const differs = !unsent && shown !== (other ?? "");
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
