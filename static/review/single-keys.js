// @ts-check
import { send } from "./calls.js";

const KEPT = "relabel.single-keys"; // a choice that the server does not know yet

/** @returns {HTMLElement | null} what says whether single keys act, to scripts and to styles */
const holder = () => document.querySelector("[data-single-keys]");

/** @returns {{person: string, on: boolean} | null} */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} text */
function keep(text) {
  try {
    if (text) localStorage.setItem(KEPT, text);
    else localStorage.removeItem(KEPT);
  } catch {
    // Without storage a choice made offline holds for this page only.
  }
}

/** Whether single keys act (WCAG 2.1.4); `Alt` with the key always does. */
export function singleKeys() {
  return holder()?.dataset.singleKeys !== "off";
}

/** @param {boolean} on */
export function setSingleKeys(on) {
  const at = holder();
  if (!at) return undefined;
  at.dataset.singleKeys = on ? "on" : "off";
  keep(JSON.stringify({ person: at.dataset.person, on }));
  return tellSingleKeys();
}

/** Follow a choice that was made offline, and tell it to the server; it is kept until that works. */
export async function tellSingleKeys() {
  const at = holder();
  const choice = kept();
  if (!at || !choice || choice.person !== at.dataset.person) return;
  at.dataset.singleKeys = choice.on ? "on" : "off";
  try {
    await send("PATCH", "/api/v1/me/keys", { single: choice.on });
    if (kept()?.on === choice.on) keep("");
  } catch {
    // Told again when the network is back, or by the next desk.
  }
}
