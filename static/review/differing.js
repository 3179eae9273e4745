// @ts-check
/** @typedef {[text: string, differs: boolean]} Piece */

const words = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;

/** @param {string} text @returns {[text: string, word: boolean][]} */
function tokens(text) {
  if (words) return [...words.segment(text)].map((one) => [one.segment, Boolean(one.isWordLike)]);
  return text.split(/([\p{L}\p{N}\p{M}]+)/u).map((one, place) => [one, place % 2 === 1]);
}

/**
 * Which words are in both, in the same order: the longest common subsequence.
 * @param {string[]} one @param {string[]} other
 * @returns {[Set<number>, Set<number>]}
 */
function common(one, other) {
  const width = other.length + 1;
  const longest = new Uint16Array((one.length + 1) * width);
  for (let a = one.length - 1; a >= 0; a -= 1) {
    for (let b = other.length - 1; b >= 0; b -= 1) {
      const at = a * width + b;
      longest[at] =
        one[a] === other[b]
          ? longest[at + width + 1] + 1
          : Math.max(longest[at + width], longest[at + 1]);
    }
  }
  /** @type {[Set<number>, Set<number>]} */
  const same = [new Set(), new Set()];
  for (let a = 0, b = 0; a < one.length && b < other.length; ) {
    const at = a * width + b;
    if (one[a] === other[b]) {
      same[0].add(a);
      same[1].add(b);
      a += 1;
      b += 1;
    } else if (longest[at + width] >= longest[at + 1]) a += 1;
    else b += 1;
  }
  return same;
}

/** @param {[string, boolean][]} parts @param {Set<number>} same places of words @returns {Piece[]} */
function pieces(parts, same) {
  /** @type {Piece[]} */
  const made = [];
  let place = 0;
  let before = false;
  parts.forEach(([text, word], at) => {
    const next = word ? place : parts.slice(at).some(([, later]) => later) ? place : -1;
    const differs = word ? !same.has(place) : before && next >= 0 && !same.has(next);
    if (word) {
      before = differs;
      place += 1;
    }
    const last = made.at(-1);
    if (last && last[1] === differs) last[0] += text;
    else made.push([text, differs]);
  });
  return made;
}

/**
 * Two texts in pieces; those that differ hold whole words, whatever their case.
 * @param {string} one @param {string} other @param {boolean} cut whether the other goes on
 * @returns {[Piece[], Piece[]]}
 */
export function differing(one, other, cut) {
  const both = [tokens(one), tokens(other)];
  const [ours, theirs] = both.map((parts) =>
    parts.filter(([, word]) => word).map(([text]) => text.toLowerCase()),
  );
  const [a, b] = common(ours, theirs);
  if (cut) {
    for (let place = Math.max(-1, ...a) + 1; place < ours.length; place += 1) a.add(place);
    b.add(theirs.length - 1);
  }
  return [pieces(both[0], a), pieces(both[1], b)];
}
