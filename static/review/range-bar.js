// @ts-check
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Ranges} Ranges */
/** @typedef {[kind: string, of: string, low: number, high: number]} Shown */

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, EDGE] = [72, 16, 2]; // as in `app/web/pages/range_bars.py`
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const LONGEST = 24;
const WIDE = 1000; // a column whose ends are so many times apart is drawn by its powers of ten
/** Where each kind stands, from above. @type {Record<string, number>} */
const TOPS = { given: 2, suggested: 10, every: 6 };

/** Where the numbers of a row lie within its label and the suggested one. */
export class RangeBars {
  /** @param {Record<string, Ranges>} ranges by the name of the column
   * @param {(label: number) => string} nameOf */
  constructor(ranges, nameOf) {
    this.ranges = ranges;
    this.nameOf = nameOf;
  }

  /** @param {Example} example @returns {(name: string, value: string) => SVGSVGElement | null} */
  of({ given, options = [] }) {
    const suggested = options.find(([label]) => label !== given)?.[0];
    return (name, value) => {
      const known = this.ranges[name];
      const plain = value.trim();
      if (!known || !NUMBER.test(plain)) return null;
      return draw(known, plain, this.#shown(known, given, suggested));
    };
  }

  /** @param {Ranges} known @param {number | null | undefined} given
   * @param {number | undefined} suggested @returns {Shown[]} */
  #shown({ every, of }, given, suggested) {
    /** @type {[string, number | null | undefined][]} */
    const labels = [["given", given], ["suggested", suggested]];
    const shown = labels.flatMap(([kind, label]) => {
      const found = typeof label === "number" ? of.find(([id]) => id === label) : undefined;
      /** @type {Shown[]} */
      const one = found ? [[kind, `for ${this.nameOf(found[0])}`, found[1], found[2]]] : [];
      return one;
    });
    return shown.length > 0 ? shown : [["every", "in this column", ...every]];
  }
}

/** @param {Ranges} known @param {string} value @param {Shown[]} shown */
function draw({ every, of }, value, shown) {
  const low = Math.min(every[0], ...of.map((one) => one[1]));
  const high = Math.max(every[1], ...of.map((one) => one[2]));
  if (!(high > low)) return null;
  const scale = low > 0 && low * WIDE <= high ? Math.log10 : Number;
  /** @param {number} at */
  const x = (at) => {
    const within = scale(Math.min(high, Math.max(low, at)));
    const share = (within - scale(low)) / (scale(high) - scale(low));
    return tenth(EDGE + share * (WIDTH - 2 * EDGE));
  };
  const number = Number(value);
  const bar = part("svg", { class: "range-bar", role: "img", width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  const title = document.createElementNS(SVG, "title");
  const places = shown.map(([, name, first, last]) => `${place(number, first, last)} ${name}`);
  title.textContent = `${value.slice(0, LONGEST)}: ${places.join(", ")}`;
  bar.append(title);
  for (const [kind, , first, last] of shown) {
    const width = Math.max(2, tenth(x(last) - x(first)));
    bar.append(part("rect", { class: "range-back", x: 0, y: TOPS[kind], width: WIDTH, height: 4 }));
    bar.append(part("rect", { class: `range-${kind}`, x: x(first), y: TOPS[kind], width, height: 4 }));
  }
  bar.append(part("rect", { class: "range-mark", x: tenth(x(number) - 1), y: 0, width: 2, height: HEIGHT }));
  return /** @type {SVGSVGElement} */ (bar);
}

/** @param {number} number */
const tenth = (number) => Math.round(number * 10) / 10;

/** @param {number} number @param {number} low @param {number} high */
const place = (number, low, high) => (number < low ? "low" : number > high ? "high" : "usual");

/** @param {string} name @param {Record<string, string | number>} attributes */
function part(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
