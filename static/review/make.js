// @ts-check
/**
 * Make an element from names and words; children are text or nodes, never markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const LONG = 20; // letters; a longer name may be cut somewhere
const SVG = "http://www.w3.org/2000/svg";

/** A bar from 0 to 1, as in the server's markup. @returns {SVGSVGElement} */
export function makeTrack() {
  const track = /** @type {SVGSVGElement} */ (document.createElementNS(SVG, "svg"));
  track.setAttribute("class", "track");
  track.setAttribute("aria-hidden", "true");
  for (const name of ["track-back", "track-bar"]) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", name);
    rect.setAttribute("height", "100%");
    rect.setAttribute("width", name === "track-back" ? "100%" : "0");
    track.append(rect);
  }
  return track;
}

/** @param {Element | null} track @param {number} share from 0 to 1 */
export function setTrack(track, share) {
  const width = share > 0 ? Math.max(1, Math.min(100, share * 100)) : 0;
  track?.querySelector(".track-bar")?.setAttribute("width", `${width}%`);
}

/**
 * A part of the server's markup that must be there.
 * @template {HTMLElement} Part
 * @param {HTMLElement} parent
 * @param {string} name
 * @param {new () => Part} type
 * @returns {Part}
 */
export function partOf(parent, name, type) {
  const found = parent.querySelector(name);
  if (!(found instanceof type)) throw new TypeError(`There is no ${name} here`);
  return found;
}

/** A name somebody typed, kept from turning the words around it. @param {string} name */
export function isolated(name) {
  return make("bdi", {}, name);
}

/** A label by the name that is shown; its tooltip has its own name, whole.
 * @param {string} name @param {string} [came] */
export function labelled(name, came = name) {
  if (came === name && name.length <= LONG) return isolated(name);
  return make("bdi", { class: "label-name", title: came }, name);
}

/** A piece of a text beside a similar one. @param {[string, boolean]} piece */
export function makePiece([text, differs]) {
  return differs ? make("mark", { class: "differs" }, text) : text;
}

/** Say in place of the example why there is none; without words the panel goes away.
 * @param {HTMLElement} host @param {string} words @param {(() => void) | null} [useHere] */
export function sayInPanel(host, words, useHere = null) {
  const panel = host.querySelector("[data-part=panel]");
  panel?.toggleAttribute("hidden", !words);
  panel?.replaceChildren(...(words ? [make("p", {}, words)] : []));
  if (!words || !useHere) return;
  const here = make("button", { type: "button", class: "button" }, "Use it here");
  here.addEventListener("click", useHere);
  panel?.append(here);
}
