// @ts-check
import { KEYS } from "../review/keys.js";

/** @typedef {{kind: string, name: string, about: string, keys: string, rank: number, url?: string,
 *   post?: boolean, run?: () => void}} Offer */

const CONTROLS =
  "main :is(a, button, select, textarea, input:not([type=checkbox], [type=radio]))[aria-keyshortcuts]";

/** What can be done on the page at hand, each with its key. @returns {Offer[]} */
export function pageActions() {
  const desk = document.querySelector("review-desk");
  return desk ? deskActions(/** @type {import("../review/desk.js").ReviewDesk} */ (desk)) : controls();
}

/** @param {import("../review/desk.js").ReviewDesk} desk @returns {Offer[]} */
function deskActions(desk) {
  const images = desk.querySelector("review-stage image-view") !== null;
  const field = desk.querySelector("label-typeahead");
  return KEYS.filter(
    ([action, , , , words]) => (images || !words.startsWith("Image: ")) && (field || action !== "label"),
  ).map(([action, , cap, , words]) => offer(words, cap, () => desk.act(action)));
}

/** @returns {Offer[]} */
function controls() {
  const found = [];
  for (const control of document.querySelectorAll(CONTROLS)) {
    if (!(control instanceof HTMLElement) || control.matches(":disabled, [data-palette]")) continue;
    const name = nameOf(control);
    if (!name || !control.checkVisibility()) continue;
    const types = control.matches("select, textarea, input");
    found.push(offer(name, capsOf(control), () => (types ? control.focus() : control.click())));
  }
  return found;
}

/** @param {HTMLElement} control what it is called, without the key that is printed on it */
function nameOf(control) {
  const said = control.getAttribute("aria-label") ?? control.closest("label")?.querySelector(".unseen, .field-label")?.textContent;
  if (said) return said.trim();
  const copy = /** @type {HTMLElement} */ (control.cloneNode(true));
  for (const cap of copy.querySelectorAll("kbd, .unseen")) cap.remove();
  const words = [...copy.childNodes].map((part) => part.textContent ?? "");
  return words.join(" ").replace(/\s+/g, " ").trim();
}

/** @param {HTMLElement} control */
function capsOf(control) {
  const [first] = (control.getAttribute("aria-keyshortcuts") ?? "").split(" ");
  const parts = first.replace("Control", "Ctrl").replace("Escape", "Esc").split("+");
  return parts.map((part) => (part.length === 1 ? part.toUpperCase() : part)).join(" ");
}

/** @param {string} name @param {string} keys @param {() => unknown} run @returns {Offer} */
function offer(name, keys, run) {
  return { kind: "here", name, about: "", keys, rank: 0, run: () => void run() };
}
