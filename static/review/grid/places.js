// @ts-check
/** @typedef {{getLayoutMap?: () => Promise<Map<string, string>>}} Keyboard where there is one */

/** The physical keys a page of tiles stands like, row by row. */
const CODES = new Map(
  [..."123456QWERTYASDFGHZXCVBN"].map((cap) => [
    /\d/.test(cap) ? `Digit${cap}` : `Key${cap}`,
    cap,
  ]),
);

/**
 * The cap of the pressed key in its physical place, or "".
 * @param {KeyboardEvent} event
 * @param {boolean} single whether single keys act; `Alt` with the key always does
 */
export function capOf(event, single) {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) {
    return "";
  }
  if (!single && !event.altKey) return "";
  return CODES.get(event.code) ?? "";
}

/** What this keyboard prints on those keys, where the browser tells it. @returns {Promise<Map<string, string>>} */
export async function localCaps() {
  const { keyboard } = /** @type {Navigator & {keyboard?: Keyboard}} */ (navigator);
  const layout = await keyboard?.getLayoutMap?.().catch(() => undefined);
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [code, cap] of CODES) {
    const printed = layout?.get(code);
    if (printed) found.set(cap, printed.toUpperCase());
  }
  return found;
}
