// @ts-check
import { KeyListDialog, makeRow } from "../key-list-dialog.js";

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

/** The keys of the grid. */
export class GridHelp extends KeyListDialog {
  constructor() {
    super(({ key }) => key === "?", "Off: hold Alt with the key, or use the mouse and Tab.");
  }

  ask() {
    return this.show(ROWS.map(([words, caps]) => makeRow(words, ...caps)));
  }
}

customElements.define("grid-help", GridHelp);
