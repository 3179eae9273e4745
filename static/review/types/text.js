// @ts-check
import { differing } from "../differing.js";
import { hiddenCount, madeVisible } from "../hidden-characters.js";
import { make, makePiece } from "../make.js";

/** @typedef {import("../payload.js").Content} Content */
/** @typedef {Content & {text: string, lang?: string | null}} TextContent */

const LONGEST = 20_000; // characters shown before "show all"
const TILE = 600; // characters; the rest is a look closer away

/** @param {Content} content */
const read = (content) => /** @type {TextContent} */ (content);

/** @param {Content} content @param {{part: Element, on: ReadonlySet<string>}} stage */
export function show(content, { part, on }) {
  const { text, lang } = read(content);
  const shown = on.has("whole") ? text : text.slice(0, LONGEST);
  const paragraph = make(
    "p",
    { class: "example-text", dir: "auto" },
    ...(on.has("visible") ? madeVisible(shown) : [shown]),
  );
  if (lang) paragraph.setAttribute("lang", lang);
  part.replaceChildren(paragraph);
  if (shown.length < text.length) {
    const words = `Show all ${text.length.toLocaleString()} characters`;
    part.append(make("button", { type: "button", class: "button", "data-stage": "whole" }, words));
  }
  part.parentElement?.scrollTo(0, 0);
}

/** @param {Content} content @param {ReadonlySet<string>} on */
export function beside(content, on) {
  const hidden = hiddenCount(read(content).text);
  if (hidden === 0) return [];
  const words = `${hidden} hidden ${hidden === 1 ? "character" : "characters"}`;
  return [
    make(
      "button",
      {
        type: "button",
        class: "text-button",
        "data-stage": "visible",
        "aria-pressed": String(on.has("visible")),
      },
      `${words}: ${on.has("visible") ? "hide" : "show"}`,
    ),
  ];
}

/** @param {Content} content @param {import("../payload.js").Neighbour} near
 * @param {HTMLElement[]} heads */
export function compare(content, near, heads) {
  const { text, lang } = read(content);
  return differing(text.slice(0, LONGEST), near.text ?? "", near.cut === true).map((pieces, place) =>
    make(
      "section",
      {},
      heads[place],
      make(
        "p",
        { class: "example-text", dir: "auto", lang: place ? "" : (lang ?? "") },
        ...pieces.map(makePiece),
      ),
    ),
  );
}

/** @param {Content} content */
export function tile(content) {
  const { text, lang } = read(content);
  const shown = make("span", { class: "tile-text", dir: "auto" }, text.slice(0, TILE));
  if (lang) shown.lang = lang;
  return shown;
}

/** @param {Content} content */
export function large(content) {
  const { text, lang } = read(content);
  const shown = make("p", { class: "example-text", dir: "auto", tabindex: "0" }, text);
  if (lang) shown.lang = lang;
  return shown;
}
