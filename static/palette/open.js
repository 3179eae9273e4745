// @ts-check
/* Opens the palette; beside a rail, G and then a letter go to a page. The palette itself comes when
 * there is time, so that no page waits for it. */
import { singleKeys } from "../review/single-keys.js";

const PATIENCE = 1500; // ms in which the letter follows G
const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
const load = () => import("./command-palette.js");

let opening = false;

function toggle() {
  const palette = /** @type {import("./command-palette.js").CommandPalette | null} */ (
    document.querySelector("command-palette")
  );
  if (customElements.get("command-palette")) return palette?.toggle();
  opening = true;
  return load()
    .then(() => palette?.toggle())
    .finally(() => (opening = false));
}

/** @param {KeyboardEvent} event the Latin letter of a key, on layouts that print another */
function letterOf(event) {
  const printed = event.key.toLowerCase();
  const other = event.altKey || printed > "\u007f";
  return other && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : printed;
}

/** @param {KeyboardEvent} event */
function opens(event) {
  const held = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  return held && !event.altKey && !event.shiftKey && letterOf(event) === "k";
}

/** @param {EventTarget | null} target */
function isField(target) {
  const fields = "input:not([type=checkbox], [type=radio]), textarea, select";
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(fields));
}

/** Whether it is a key by itself or, where those are switched off, with Alt.
 * @param {KeyboardEvent} event */
function isSingle(event) {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey) return false;
  return event.altKey ? !event.getModifierState("AltGraph") : singleKeys();
}

const rail = document.querySelector(".rail");
let waiting = 0;

function end() {
  clearTimeout(waiting);
  waiting = 0;
  rail?.removeAttribute("data-going");
}

/** @param {KeyboardEvent} event */
function go(event) {
  if (event.key.length > 1 || isField(event.target) || document.querySelector("dialog[open]")) return;
  const letter = letterOf(event);
  if (waiting) {
    end();
    const link = rail?.querySelector(`a[data-go="${CSS.escape(letter.toUpperCase())}"]`);
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the letter is nothing else to the page
    link.click();
  } else if (letter === "g" && isSingle(event) && rail?.querySelector("a[data-go]")) {
    waiting = setTimeout(end, PATIENCE);
    rail.setAttribute("data-going", "");
  }
}

addEventListener(
  "keydown",
  (event) => {
    if (!opening && !opens(event)) return go(event);
    event.preventDefault();
    event.stopImmediatePropagation(); // also what is typed before it is there: no answer to the desk
    if (!opening && !event.repeat) toggle();
    return undefined;
  },
  { capture: true },
);
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-palette]")) toggle();
});
if (MAC) for (const cap of document.querySelectorAll("[data-palette] kbd")) cap.textContent = "⌘K";
if ("requestIdleCallback" in window) requestIdleCallback(load);
else setTimeout(load, 500);
