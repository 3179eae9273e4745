// @ts-check
import { singleKeys } from "../review/single-keys.js";

const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select";

/**
 * A key that is pressed by itself or, where single keys are off, with Alt; "" when it is for a
 * field or for something else. Enter and Space are no single keys.
 * @param {KeyboardEvent} event
 */
export function plainKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return "";
  if (event.target instanceof HTMLElement && event.target.matches(FIELDS)) return "";
  if (document.querySelector("dialog[open]")) return "";
  const printed = event.key.toLowerCase();
  if (event.key === "Enter" || event.key === " ") return event.altKey ? "" : printed;
  if (event.altKey === singleKeys()) return "";
  const letter = event.altKey ? /^Key([A-Z])$/.exec(event.code) : null; // Alt prints other signs
  return letter ? letter[1].toLowerCase() : printed;
}
