// @ts-check
/** What each key does; the help lists them in this order. @type {[string, string[], string][]} */
export const KEYS = [
  ["confirm", ["A"], "Confirm the given label"],
  ["option", ["1", "…", "9"], "Choose a listed label"],
  ["label", ["/"], "Any label"],
  ["remove", ["X"], "Remove, then reason 1 to 6"],
  ["skip", ["S"], "Skip"],
  ["refer", ["E"], "Send to expert"],
  ["note", ["N"], "Note"],
  ["undo", ["Z"], "Undo, as far back as you like"],
  ["redo", ["Shift", "Z"], "Redo"],
  ["earlier", ["[", "]"], "Look at earlier, later"],
  ["details", ["G", "M"], "Guideline, details"],
  ["fit", ["F", "O"], "Image: fit, 100%"],
  ["in", ["+", "−"], "Image: zoom"],
  ["contrast", ["K"], "Image: contrast"],
  ["lock", ["Shift", "L"], "Image: lock view"],
  ["help", ["?"], "These keys"],
];

/** @type {Record<string, string>} */
const LETTERS = {
  a: "confirm",
  x: "remove",
  s: "skip",
  e: "refer",
  n: "note",
  z: "undo",
  g: "guideline",
  m: "details",
  f: "fit",
  o: "full",
  k: "contrast",
};
/** @type {Record<string, string>} */
const SIGNS = { "/": "label", "?": "help", "[": "earlier", "]": "later", "+": "in", "-": "out" };
/** @type {Record<string, string>} */
const NAMED = { ArrowLeft: "earlier", ArrowRight: "later", Escape: "leave", "−": "out", "=": "in" };

const SWITCH = "relabel.single-keys";

/** Whether single keys act (WCAG 2.1.4); `Alt` with the key always does. */
export function singleKeys() {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} on */
export function setSingleKeys(on) {
  try {
    localStorage.setItem(SWITCH, on ? "on" : "off");
  } catch {
    // Without storage the switch holds for this page only.
  }
  document.documentElement.dataset.singleKeys = on ? "on" : "off";
}

/** @param {KeyboardEvent} event the letter pressed, on Latin and other layouts */
function letterOf(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  const other = event.altKey || (event.key.length === 1 && event.key > "\u007f");
  return other && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
}

/** @param {KeyboardEvent} event the digit 1 to 9, whatever the layout prints on it */
function digitOf(event) {
  const place = /^Digit([1-9])$/.exec(event.code);
  if (place && !event.shiftKey) return place[1];
  return /^[1-9]$/.test(event.key) ? event.key : "";
}

/**
 * The action of a key press, or "" when it is not for the desk. Digits give "option:3".
 * @param {KeyboardEvent} event
 * @param {boolean} single whether single keys act
 * @returns {string}
 */
export function actionOf(event, single) {
  if (event.repeat || event.isComposing || event.metaKey) {
    return event.metaKey && event.key === "z" && !event.repeat ? "undo" : "";
  }
  const graph = event.getModifierState("AltGraph") || (event.ctrlKey && event.altKey);
  const alt = event.altKey && !graph;
  if (event.ctrlKey && !graph) return event.key.toLowerCase() === "z" ? undoOrRedo(event) : "";
  if (event.key === "Escape") return "leave";
  if (!single && !alt) return "";
  if (!alt && event.key in SIGNS) return SIGNS[event.key];
  if (graph) return "";
  const digit = digitOf(event);
  if (digit) return `option:${digit}`;
  if (!alt && event.key in NAMED) return NAMED[event.key];
  const letter = letterOf(event);
  if (letter === "z") return undoOrRedo(event);
  if (event.shiftKey) return letter === "l" ? "lock" : "";
  return LETTERS[letter] ?? "";
}

/** @param {KeyboardEvent} event */
function undoOrRedo(event) {
  return event.shiftKey ? "redo" : "undo";
}

/** Whether typing belongs to this element. @param {EventTarget | null} target */
export function isField(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
