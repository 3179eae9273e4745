// @ts-check
import { dialogOpen } from "./dialog.js";
import { actionOf, isField } from "./keys.js";
import { singleKeys, tellSingleKeys } from "./single-keys.js";

/** @typedef {import("./desk.js").ReviewDesk} ReviewDesk */

/** Keys and clicks become actions of the desk. @param {ReviewDesk} desk */
export function listen(desk) {
  tellSingleKeys();
  addEventListener("online", () => tellSingleKeys());
  document.addEventListener("keydown", (event) => {
    if (dialogOpen() || isField(event.target)) return;
    const action = actionOf(event, singleKeys());
    if (action && desk.act(action)) event.preventDefault();
  });
  desk.addEventListener("submit", (event) => event.preventDefault());
  desk.addEventListener("label", (event) =>
    desk.choose(/** @type {CustomEvent} */ (event).detail.label),
  );
  desk.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-do]");
    if (button instanceof HTMLElement) desk.act(button.dataset.do ?? "");
  });
}
