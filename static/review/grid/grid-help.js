// @ts-check
import { asked, leave, makeDialog } from "../dialog.js";
import { make } from "../make.js";
import { setSingleKeys, singleKeys } from "../single-keys.js";

/** @type {[string, string[]][]} */
const ROWS = [
  ["Mark the tile in the same place", ["1", "…", "N"]],
  ["Go from tile to tile", ["←", "↑", "→", "↓"]],
  ["Mark the tile you are at", ["Delete"]],
  ["Look closer", ["Space"]],
  ["Confirm what is not marked", ["Enter"]],
  ["Clear the marks", ["Esc"]],
  ["Take the last page back", ["Ctrl", "Z"]],
];

/** The keys of the grid, and the switch that turns single ones off. */
export class GridHelp extends HTMLElement {
  #switch = make("input", { type: "checkbox" });
  #dialog = makeDialog(
    "Keys",
    make(
      "dl",
      { class: "key-list" },
      ...ROWS.map(([words, caps]) =>
        make(
          "div",
          {},
          make("dt", {}, words),
          make("dd", {}, ...caps.map((cap) => make("kbd", {}, cap))),
        ),
      ),
    ),
    make(
      "div",
      { class: "switch" },
      make("label", {}, this.#switch, make("span", {}, "Single-key shortcuts")),
      make("span", { class: "quiet" }, "Off: hold Alt with the key, or use the mouse and Tab."),
    ),
  );

  connectedCallback() {
    this.append(this.#dialog);
    this.#switch.addEventListener("change", () => setSingleKeys(this.#switch.checked));
    this.#dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "?") leave(this.#dialog, "");
    });
  }

  ask() {
    this.#switch.checked = singleKeys();
    return asked(this.#dialog);
  }
}

customElements.define("grid-help", GridHelp);
