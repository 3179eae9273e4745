// @ts-check
import { asked, leave, makeDialog } from "../dialog.js";
import { isolated, make } from "../make.js";
import { isSmall } from "./tiles.js";

/** @typedef {import("../payload.js").Example} Example */

/** One tile, as large as the screen lets it be. */
export class CloserDialog extends HTMLElement {
  #shown = make("div", { class: "closer" });
  #dialog = makeDialog("Look closer", this.#shown);

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== " ") return;
      event.preventDefault();
      leave(this.#dialog, "");
    });
  }

  /** @param {Example} example */
  ask({ key, content }) {
    const name = make("p", { class: "mono small quiet" }, isolated(key));
    this.#shown.replaceChildren(name, large(content));
    return asked(this.#dialog);
  }
}

/** @param {Example["content"]} content */
function large(content) {
  if (content.type === "image") {
    const crisp = isSmall(content) ? "crisp" : "";
    return make("img", { src: content.url, alt: "", class: crisp });
  }
  if (content.type === "text") {
    const text = make("p", { class: "example-text", dir: "auto", tabindex: "0" }, content.text);
    if (content.lang) text.lang = content.lang;
    return text;
  }
  const rows = content.fields.map(([name, value]) =>
    make("div", {}, make("dt", {}, isolated(name)), make("dd", { dir: "auto" }, isolated(value))),
  );
  return make("dl", { class: "field-list" }, ...rows);
}

customElements.define("closer-dialog", CloserDialog);
