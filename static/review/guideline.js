// @ts-check
import { isolated, make } from "./make.js";

/** @typedef {import("./payload.js").Block} Block */
/** @typedef {import("./payload.js").Example} Example */
/** @typedef {import("./payload.js").Rule} Rule */
/** @typedef {import("./payload.js").Span} Span */
/** @typedef {import("./project-words.js").ProjectWords} ProjectWords */

/** Some words of one look. Only the server decides what is a link. @param {Span} span */
function word({ text, strong, em, code, href }) {
  /** @type {Node} */
  let made = document.createTextNode(text);
  if (code) made = make("code", {}, made);
  if (href) made = make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, made);
  if (em) made = make("em", {}, made);
  return strong ? make("strong", {}, made) : made;
}

/** @param {Span[]} spans */
const words = (spans) => spans.map(word);

/** A rule as the server took it apart. @param {Block[]} blocks */
export function drawn(blocks) {
  const parts = blocks.map(({ kind, items }) => {
    if (kind === "ul" || kind === "ol") {
      return make(kind, {}, ...items.map((item) => make("li", { dir: "auto" }, ...words(item))));
    }
    if (kind === "pre") return make("pre", {}, make("code", {}, ...words(items[0])));
    return make("p", { class: kind === "h" ? "rule-heading" : "", dir: "auto" }, ...words(items[0]));
  });
  return make("div", { class: "rule-text", dir: "auto" }, ...parts);
}

/** The given label and the likeliest other, as far as this read may know them.
 * @param {Example | null} example @returns {number[]} */
export function atHand(example) {
  const { given = null, options = [] } = example ?? {};
  const other = options.find(([label]) => label !== given);
  return [given, other?.[0]].filter((label) => typeof label === "number");
}

/** The rule that tells these two apart. @param {Rule[]} rules @param {number[]} hand */
export function pairRule(rules, hand) {
  if (hand.length !== 2) return null;
  return rules.find(({ labels }) => labels.length === 2 && labels.every((one) => hand.includes(one))) ?? null;
}

/** @param {string} title @param {number} version @param {...(Node | string)} content */
function section(title, version, ...content) {
  const mark = version ? [" ", make("span", { class: "quiet small" }, `v${version}`)] : [];
  return make("section", { class: "rule" }, make("h3", {}, isolated(title), ...mark), ...content);
}

/** @param {ProjectWords} project @param {Rule} rule */
function ofRule({ project, nameOf }, { labels, version, blocks }) {
  return section(labels.map(nameOf).join(" and ") || project, version, drawn(blocks));
}

/** @param {ProjectWords} project @param {number} label */
function ofLabel({ labels, rules, references, nameOf }, label) {
  const description = labels.find(({ id }) => id === label)?.description;
  const rule = rules.find((one) => one.labels.length === 1 && one.labels[0] === label);
  const shown = references.filter((one) => one.label === label);
  if (!description && !rule && !shown.length) return [];
  const lines = ["include", "exclude"].flatMap((belongs) => {
    const some = shown.filter((one) => one.belongs === belongs);
    if (!some.length) return [];
    const title = belongs === "include" ? "Belongs here" : "Does not belong here";
    const items = some.map(({ text }) => make("li", { dir: "auto" }, text));
    return [make("h4", {}, title), make("ul", { class: `references is-${belongs}` }, ...items)];
  });
  const said = description ? [make("p", { dir: "auto" }, description)] : [];
  const written = rule ? [drawn(rule.blocks)] : [];
  return [section(nameOf(label), rule?.version ?? 0, ...said, ...written, ...lines)];
}

/** What a reader of this example wants to read, first what is at hand. @param {ProjectWords} project
 * @param {Example | null} example @returns {Node[]} */
export function guidelineParts(project, example) {
  const { guideline, rules, labels } = project;
  const hand = atHand(example);
  const pair = pairRule(rules, hand);
  const whole = rules.find((rule) => !rule.labels.length);
  const plain = guideline && !whole ? [make("p", { class: "guideline", dir: "auto" }, guideline)] : [];
  const others = labels.map(({ id }) => id).filter((id) => !hand.includes(id));
  const pairs = rules.filter((rule) => rule.labels.length === 2 && rule !== pair);
  const parts = [
    ...(pair ? [ofRule(project, pair)] : []),
    ...hand.flatMap((label) => ofLabel(project, label)),
    ...plain,
    ...(whole ? [ofRule(project, whole)] : []),
    ...others.flatMap((label) => ofLabel(project, label)),
    ...pairs.map((rule) => ofRule(project, rule)),
  ];
  return parts.length ? parts : [make("p", {}, "There is no guideline yet.")];
}
