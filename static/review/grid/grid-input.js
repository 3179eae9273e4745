// @ts-check
import { dialogOpen } from "../dialog.js";
import { singleKeys } from "../single-keys.js";
import { capOf } from "./places.js";

/** @typedef {import("./grid.js").ReviewGrid} ReviewGrid */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Keys and clicks become actions of the grid. @param {ReviewGrid} grid */
export function listen(grid) {
  grid.addEventListener("submit", (event) => event.preventDefault());
  grid.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-do]");
    if (button instanceof HTMLElement) grid.act(button.dataset.do ?? "");
  });
  document.addEventListener("keydown", (event) => {
    if (!dialogOpen() && pressed(grid, event)) event.preventDefault();
  });
}

/** @param {ReviewGrid} grid @param {KeyboardEvent} event
 * @returns {boolean} whether it was for the grid */
function pressed(grid, event) {
  const single = singleKeys();
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    if (!event.repeat) grid.act("undo");
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.repeat || event.isComposing) return false;
  const onButton = event.target instanceof Element && event.target.closest("button, a");
  if (event.key === "Enter" && !onButton) grid.act("confirm");
  else if (event.key in ARROWS) grid.tiles.move(...ARROWS[event.key]);
  else if (event.key === "Escape") grid.act("clear");
  else if (event.key === "Delete") markFocused(grid);
  else if (event.key === " " && single && !onButton) grid.act("closer");
  else if (event.key === "?" && single) grid.act("help");
  else return grid.tiles.toggle(capOf(event, single), grid.keys);
  return true;
}

/** @param {ReviewGrid} grid */
function markFocused(grid) {
  const box = grid.tiles.boxes.find((one) => one === document.activeElement);
  box?.click();
}
