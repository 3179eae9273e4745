// @ts-check
import { make } from "./make.js";

/**
 * A modal dialog with a heading and a way out; `returnValue` says how it was left.
 * @param {string} title
 * @param {...(Node | string)} content
 */
export function makeDialog(title, ...content) {
  const close = make("button", { type: "button", class: "text-button close", "aria-label": "Close" }, "×");
  const heading = make("header", {}, make("h2", {}, title), close);
  const dialog = make("dialog", { class: "desk-dialog", "aria-label": title }, heading, ...content);
  close.addEventListener("click", () => dialog.close(""));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close("");
  });
  return dialog;
}

/** Show it and wait for how it is left: "" is Escape. @param {HTMLDialogElement} dialog
 * @returns {Promise<string>} */
export function asked(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });
}

/** Whether any dialog is open. */
export function dialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}
