// @ts-check
import * as image from "./image.js";
import * as tabular from "./tabular.js";
import * as text from "./text.js";

/** @typedef {import("../payload.js").Content} Content */
/** @typedef {import("../payload.js").Neighbour} Neighbour */
/** @typedef {import("../image-view.js").ImageView} ImageView */
/**
 * Where the desk draws an example: the part it fills, a view for a picture and that picture, and
 * the switches that are on, and where a field's number lies.
 * @typedef {{part: Element, view: ImageView | null, picture: HTMLImageElement | undefined,
 *   on: ReadonlySet<string>, bar: (name: string, value: string) => Element | null}} Stage
 *
 * How the examples of one type are drawn: on the desk, with what stands beside its key there,
 * beside a similar one, as a tile of the grid, and as large as the screen lets it be.
 * @typedef {object} Drawer
 * @property {(content: Content, stage: Stage) => void} show
 * @property {(content: Content, stage: Stage) => void} [place] once more may be seen of it
 * @property {(content: Content, on: ReadonlySet<string>) => HTMLElement[]} [beside]
 * @property {(content: Content, near: Neighbour[], heads: HTMLElement[]) => HTMLElement} [near] the
 *   most similar ones together, where each is not a row or a picture of its own
 * @property {(content: Content, near: Neighbour, heads: HTMLElement[],
 *   views: ImageView[]) => HTMLElement[]} compare
 * @property {(content: Content, picture?: HTMLImageElement) => HTMLElement} tile
 * @property {(content: Content) => HTMLElement} large
 */

/** @type {Record<string, Drawer>} */
const DRAWERS = { text, image, tabular };

/** @param {Content} content */
export function drawerOf({ type }) {
  const drawer = DRAWERS[type];
  if (!drawer) throw new TypeError(`Nothing draws ${type}`);
  return drawer;
}
