// @ts-check
/** The keys as this person has them: action, key, cap, `aria-keyshortcuts`, words.
 * @type {[string, string, string, string, string][]} */
export const KEYS = JSON.parse(document.querySelector("[data-part=keys]")?.textContent ?? "[]");

const BY_ACTION = new Map(KEYS.map((row) => [row[0], row]));
const BY_KEY = new Map(KEYS.map(([action, key]) => [key, action]));

/** What stands on the key cap of an action. @param {string} action */
export const capOf = (action) => BY_ACTION.get(action)?.[2] ?? "";

/** @param {string} action */
export const shortcutOf = (action) => BY_ACTION.get(action)?.[3] ?? "";

const SIGNS_FIRST = new Set("/?[]"); // on many layouts these need Shift with a digit's key
/** @type {Record<string, string>} */
const SAME = { "=": "+", "−": "-" };
/** @type {Record<string, string>} */
const ARROWS = { ArrowLeft: "earlier", ArrowRight: "later" };

/** @param {KeyboardEvent} event the Latin letter in this place, on layouts that print another */
function latinOf(event) {
  const other = event.altKey || (event.key.length === 1 && event.key > "\u007f");
  return other && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
}

/** @param {KeyboardEvent} event the digit, whatever the layout prints on it; 0 if it is free */
function digitOf(event) {
  const place = /^Digit([0-9])$/.exec(event.code);
  const digit = place && !event.shiftKey ? place[1] : event.key;
  const free = digit === "0" && !BY_KEY.has("0") && !BY_KEY.has(event.key);
  return free || /^[1-9]$/.test(digit) ? digit : "";
}

/** @param {KeyboardEvent} event @param {boolean} alt */
function boundTo(event, alt) {
  const { key } = event;
  if (key.length > 1) return alt ? "" : (BY_KEY.get(key) ?? ARROWS[key] ?? "");
  for (const name of [key.toLowerCase(), latinOf(event), SAME[key]]) {
    const shift = event.shiftKey && /^\p{L}$/u.test(name ?? "") ? "Shift+" : "";
    const action = name && BY_KEY.get(shift + name);
    if (action) return action;
  }
  return "";
}

/**
 * The action of a key press, or "" when it is not for the desk. Digits give "option:3".
 * @param {KeyboardEvent} event
 * @param {boolean} single whether keys without Alt act
 * @returns {string}
 */
export function actionOf(event, single) {
  if (event.repeat || event.isComposing || event.metaKey) {
    return event.metaKey && event.key === "z" && !event.repeat ? "undo" : "";
  }
  const graph = event.getModifierState("AltGraph") || (event.ctrlKey && event.altKey);
  const alt = event.altKey && !graph;
  if (event.ctrlKey && !graph) {
    if (event.key.toLowerCase() !== "z") return "";
    return event.shiftKey ? "redo" : "undo";
  }
  if (event.key === "Escape") return "leave";
  if (!single && !alt) return "";
  if (SIGNS_FIRST.has(event.key) && BY_KEY.has(event.key)) return BY_KEY.get(event.key) ?? "";
  if (graph) return /^[a-z1-9]$/i.test(event.key) ? "" : (BY_KEY.get(event.key) ?? "");
  const digit = digitOf(event);
  return digit ? `option:${digit}` : boundTo(event, alt);
}

/**
 * What a letter that nothing is bound to may choose: "option:q", as digits do.
 * @param {KeyboardEvent} event @param {boolean} single
 */
export function letterOf(event, single) {
  const held = event.repeat || event.isComposing || event.metaKey || event.ctrlKey || event.shiftKey;
  if (held || event.getModifierState("AltGraph") || (!single && !event.altKey)) return "";
  const letter = [event.key.toLowerCase(), latinOf(event)].find((one) => /^[a-z]$/.test(one));
  return letter ? `option:${letter}` : "";
}

/** Whether typing belongs to this element. @param {EventTarget | null} target */
export function isField(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
