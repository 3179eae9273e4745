// @ts-check
import { make } from "./make.js";

/** Controls, zero-width and direction marks, line and paragraph separators, odd spaces, tags. */
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** @type {Record<string, string>} */
const NAMES = {
  "00A0": "no-break space",
  "00AD": "soft hyphen",
  "200B": "zero-width space",
  "200C": "zero-width non-joiner",
  "200D": "zero-width joiner",
  "200E": "left-to-right mark",
  "200F": "right-to-left mark",
  "202A": "left-to-right embedding",
  "202B": "right-to-left embedding",
  "202C": "end of direction change",
  "202D": "left-to-right override",
  "202E": "right-to-left override",
  "2066": "left-to-right isolate",
  "2067": "right-to-left isolate",
  "2068": "first strong isolate",
  "2069": "end of isolate",
  FEFF: "byte order mark",
};

/** @param {string} text */
export function hiddenCount(text) {
  return text.match(HIDDEN)?.length ?? 0;
}

/** An id in one visible line, as the server's pages write it.
 * @param {string} id */
export function idWrittenOut(id) {
  const spaced = id.replace(/^ +| +$|(?<= ) +/g, (spaces) => "␣".repeat(spaces.length));
  return spaced.replace(new RegExp(`${HIDDEN.source}|[\\t\\n\\r]`, "gu"), (one) => `⟨U+${pointOf(one)}⟩`);
}

/** @param {string} character */
function pointOf(character) {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}

/** The text with a small tag in place of each character that cannot be seen.
 * @param {string} text @returns {(Node | string)[]} */
export function madeVisible(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    parts.push(text.slice(from, found.index));
    const point = pointOf(found[0]);
    const title = NAMES[point] ?? "hidden character";
    parts.push(make("bdi", { class: "hidden-character", title }, `U+${point}`));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
