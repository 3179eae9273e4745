// @ts-check
import { marked } from "./label-index.js";
import { isolated, make } from "./make.js";
import { tooltipOf } from "./payload.js";

/** A label that matches what was typed, as a row of the list. @param {import("./payload.js").Label} label
 * @param {string} query @param {string} aside what stands beside its name */
export function makeMatch(label, query, aside) {
  const name = isolated("");
  for (const [words, hit] of marked(label.name, query)) name.append(hit ? make("b", {}, words) : words);
  return make(
    "li",
    { role: "option", "aria-selected": "false", title: tooltipOf(label) },
    make("span", {}, name),
    make("span", { class: "aside" }, aside),
    make("kbd", { "aria-hidden": "true" }, "↵"),
  );
}
