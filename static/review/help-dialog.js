// @ts-check
import { KeyListDialog, makeRow } from "./key-list-dialog.js";
import { KEYS, actionOf } from "./keys.js";
import { make } from "./make.js";
import { singleKeys } from "./single-keys.js";

/** The keys of the desk. */
export class HelpDialog extends KeyListDialog {
  constructor() {
    super(
      (event) => actionOf(event, singleKeys()) === "help",
      "Off: hold Alt with the key, or use the buttons.",
      make("a", { href: "/me#keys" }, "Change keys"),
    );
  }

  /** @param {boolean} images whether the desk shows images @param {boolean} field for any label */
  ask(images, field) {
    const own = KEYS.filter(
      ([action, , , , words]) => (images || !words.startsWith("Image: ")) && (field || action !== "label"),
    );
    const rows = own.map(([, , cap, , words]) => makeRow(words, cap));
    rows.splice(1, 0, makeRow("Choose a listed label", "1", "…", "9"));
    rows.push(makeRow("Close, then leave to the queue", "Esc"));
    return this.show(rows);
  }
}

customElements.define("help-dialog", HelpDialog);
