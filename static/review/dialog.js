// @ts-check
import { make } from "./make.js";

/**
 * A modal dialog with a heading and a way out.
 * @param {string} title
 * @param {...(Node | string)} content
 */
export function makeDialog(title, ...content) {
  const close = make("button", { type: "button", class: "text-button close", "aria-label": "Close" }, "×");
  const heading = make("header", {}, make("h2", {}, title), close);
  const dialog = make("dialog", { class: "desk-dialog", "aria-label": title }, heading, ...content);
  dialog.tabIndex = -1;
  close.addEventListener("click", () => leave(dialog, ""));
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // closing by itself, it would keep the keys that follow
    event.stopImmediatePropagation();
    leave(dialog, "");
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) leave(dialog, "");
  });
  return dialog;
}

/** @type {WeakMap<HTMLDialogElement, (value: string) => void>} */
const waiting = new WeakMap();

/** Show it and wait for how it is left: "" is Escape. @param {HTMLDialogElement} dialog
 * @returns {Promise<string>} */
export function asked(dialog) {
  return new Promise((resolve) => {
    waiting.set(dialog, resolve);
    dialog.addEventListener("close", () => resolve(""), { once: true });
    dialog.showModal();
    // Not on a button, which would take a key that was meant for the dialog or the desk.
    if (!dialog.querySelector("[autofocus]")) dialog.focus();
  });
}

/** Leave with an answer, before any further key is read. @param {HTMLDialogElement} dialog
 * @param {string} value */
export function leave(dialog, value) {
  waiting.get(dialog)?.(value);
  dialog.close();
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && dialog.contains(activeElement)) activeElement.blur();
}

/** Whether any dialog is open. */
export function dialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}
