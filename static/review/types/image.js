// @ts-check
import { make } from "../make.js";
import { loadAgain } from "../media-status.js";

/** @typedef {import("../payload.js").Content} Content */
/** @typedef {import("../payload.js").Neighbour} Neighbour */
/** @typedef {import("../image-view.js").ImageView} ImageView */

const CRISP = 64; // in a tile, images no larger than this are shown as squares

/** The image was decoded while it waited: nothing is loaded here.
 * @param {Content} _content
 * @param {{view: ImageView | null, picture: HTMLImageElement | undefined}} stage */
export function show(_content, { view, picture }) {
  if (view && picture) showIn(view, picture);
}

/** @param {ImageView} view @param {HTMLImageElement} picture */
function showIn(view, picture) {
  view.show(picture, async (failed) => {
    await loadAgain(failed);
    if (failed.isConnected) showIn(view, failed);
  });
}

/** @param {Content} content @param {Neighbour} near @param {HTMLElement[]} heads
 * @param {ImageView[]} views */
export function compare(content, near, heads, views) {
  return [content, near].map(({ url = "", width, height }, place) => {
    const picture = make("img", { alt: "", src: url, draggable: "false" });
    if (width && height) [picture.width, picture.height] = [width, height];
    showIn(views[place], picture);
    return make("section", {}, heads[place], views[place]);
  });
}

/** @param {Content} content @param {HTMLImageElement} [picture] */
export function tile(content, picture = make("img", { src: content.url ?? "", alt: "" })) {
  picture.classList.toggle("crisp", isSmall(content));
  return picture;
}

/** @param {Content} content */
export function large(content) {
  const crisp = isSmall(content) ? "crisp" : "";
  return make("img", { src: content.url ?? "", alt: "", class: crisp });
}

/** @param {Content} content */
function isSmall({ width, height }) {
  return Math.max(width ?? 0, height ?? 0) <= CRISP;
}
