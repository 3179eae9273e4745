// @ts-check
import { asked, leave, makeDialog } from "./dialog.js";
import { KEYS, actionOf } from "./keys.js";
import { make } from "./make.js";
import { setSingleKeys, singleKeys } from "./single-keys.js";

/** The keys, and the switch that turns single ones off. */
export class HelpDialog extends HTMLElement {
  #switch = make("input", { type: "checkbox" });
  #list = make("dl", { class: "key-list" });
  #dialog = makeDialog(
    "Keys",
    this.#list,
    make(
      "div",
      { class: "switch" },
      make("label", {}, this.#switch, make("span", {}, "Single-key shortcuts")),
      make("a", { href: "/me#keys" }, "Change keys"),
      make("span", { class: "quiet" }, "Off: hold Alt with the key, or use the buttons."),
    ),
  );

  connectedCallback() {
    this.append(this.#dialog);
    this.#switch.addEventListener("change", () => setSingleKeys(this.#switch.checked));
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (actionOf(event, singleKeys()) === "help") leave(this.#dialog, "");
    });
  }

  /** @param {boolean} images whether the desk shows images @param {boolean} field for any label */
  ask(images, field) {
    this.#switch.checked = singleKeys();
    const own = KEYS.filter(
      ([action, , , , words]) => (images || !words.startsWith("Image: ")) && (field || action !== "label"),
    );
    const rows = own.map(([, , cap, , words]) => makeRow(words, cap));
    rows.splice(1, 0, makeRow("Choose a listed label", "1", "…", "9"));
    rows.push(makeRow("Close, then leave to the queue", "Esc"));
    this.#list.replaceChildren(...rows);
    return asked(this.#dialog);
  }
}

/** @param {string} words @param {...string} caps */
function makeRow(words, ...caps) {
  return make("div", {}, make("dt", {}, words), make("dd", {}, ...caps.map((cap) => make("kbd", {}, cap))));
}

customElements.define("help-dialog", HelpDialog);
