// @ts-check
import { marked } from "../review/label-index.js";
import { isolated, make } from "../review/make.js";
import { singleKeys } from "../review/single-keys.js";

/** @typedef {import("./page-actions.js").Offer} Offer */

/** What a line is, in the order of lines that match alike. @type {Record<string, string>} */
export const KINDS = {
  review: "To review",
  page: "Page",
  here: "On this page",
  action: "Action",
  batch: "Batch",
  label: "Label",
  person: "Person",
  project: "Project",
};

/** @param {Offer} offer @param {number} place @param {number} count @param {string} query */
export function paletteRow(offer, place, count, query) {
  const name = isolated("");
  for (const [words, hit] of marked(offer.name, query)) name.append(hit ? make("b", {}, words) : words);
  const keys = offer.keys.split(" ").filter(Boolean);
  if (keys.length && !singleKeys() && !/^(Ctrl|Enter)$/.test(keys[0])) keys.unshift("Alt");
  return make(
    "li",
    {
      role: "option",
      id: `palette-${place}`,
      class: "palette-row",
      "data-place": String(place),
      "aria-selected": "false",
      "aria-setsize": String(count),
      "aria-posinset": String(place + 1),
    },
    make("span", { class: "palette-name" }, name),
    make("span", { class: "palette-about" }, isolated(offer.about)),
    make("span", { class: "palette-kind" }, KINDS[offer.kind] ?? ""),
    make("span", { class: "palette-keys" }, ...keys.map((cap) => make("kbd", {}, cap))),
  );
}
