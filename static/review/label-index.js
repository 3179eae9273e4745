// @ts-check
/** @typedef {import("./payload.js").Label} Label */
/** @typedef {{label: Label, rank: number, also: string}} Match */

/** @param {string} text words without case, accents or punctuation, each after one space */
export function folded(text) {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return ` ${plain.replace(/[^\p{L}\p{N}]+/gu, " ").trim()}`;
}

const BARE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u; // no spaces

/** Every label of a project, ready to be found by the starts of its words. */
export class LabelIndex {
  /** @param {Label[]} labels */
  constructor(labels) {
    this.rows = labels.map((label, place) => ({
      label,
      place,
      name: folded(label.name),
      code: folded(label.code ?? ""),
      synonyms: (label.synonyms ?? []).map(folded),
      description: folded(label.description ?? ""),
    }));
  }

  /**
   * Labels that match every word of a query: exact first, then prefix or a whole synonym, then the
   * other names, codes and synonyms, descriptions; within each by probability, then by frequency.
   * @param {string} query
   * @param {Map<number, number>} probabilities
   * @returns {Match[]}
   */
  find(query, probabilities) {
    const whole = folded(query);
    const bare = BARE.test(query);
    const words = whole
      .split(" ")
      .filter(Boolean)
      .map((word) => (bare ? word : ` ${word}`));
    const found = [];
    for (const row of this.rows) {
      const match = rankOf(row, whole, words);
      if (match) found.push({ label: row.label, place: row.place, ...match });
    }
    const chance = (/** @type {{label: Label}} */ match) => probabilities.get(match.label.id) ?? -1;
    return found.sort(
      (a, b) =>
        a.rank - b.rank ||
        chance(b) - chance(a) ||
        (b.label.count ?? 0) - (a.label.count ?? 0) ||
        a.place - b.place,
    );
  }
}

/**
 * @param {{label: Label, name: string, code: string, synonyms: string[], description: string}} row
 * @param {string} whole
 * @param {string[]} words
 * @returns {{rank: number, also: string} | null}
 */
function rankOf(row, whole, words) {
  if (row.name === whole || row.code === whole) return { rank: 0, also: "" };
  if (row.name.startsWith(whole)) return { rank: 1, also: "" };
  const exact = row.synonyms.indexOf(whole);
  if (exact >= 0) return { rank: 1, also: alsoCalled(row.label, exact) };
  let rank = 2;
  let also = "";
  for (const word of words) {
    if (row.name.includes(word)) continue;
    if (row.code.includes(word)) {
      rank = Math.max(rank, 3);
      also = row.label.code ?? "";
      continue;
    }
    const synonym = row.synonyms.findIndex((name) => name.includes(word));
    if (synonym >= 0) {
      rank = Math.max(rank, 3);
      also = alsoCalled(row.label, synonym);
    } else if (row.description.includes(word)) {
      rank = 4;
    } else {
      return null;
    }
  }
  return { rank, also };
}

/** @param {Label} label @param {number} synonym */
const alsoCalled = (label, synonym) => `also: “${label.synonyms?.[synonym]}”`;

/** The name in pieces: [words, whether they match]. @param {string} name @param {string} query
 * @returns {[string, boolean][]} */
export function marked(name, query) {
  const words = folded(query).split(" ").filter(Boolean);
  /** @type {[string, boolean][]} */
  const pieces = [];
  for (const piece of name.split(/([\p{L}\p{N}\p{M}]+)/u)) {
    const plain = folded(piece).trim();
    const word = words.filter((start) => plain.startsWith(start)).sort((a, b) => b.length - a.length)[0];
    if (!word || plain.length !== piece.length) {
      pieces.push([piece, Boolean(word)]);
    } else {
      pieces.push([piece.slice(0, word.length), true], [piece.slice(word.length), false]);
    }
  }
  return pieces.filter(([text]) => text);
}
