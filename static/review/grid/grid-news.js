// @ts-check
import * as say from "../messages.js";
import { SignInDialog } from "../sign-in-dialog.js";
import { StatusLine } from "../status-line.js";
import { UnsavedDialog } from "../unsaved-dialog.js";

/** @typedef {import("./grid.js").ReviewGrid} ReviewGrid */

const BRIEF = 6; // seconds a good message stays

/** What the grid says by itself: how it stands with sending, and what was not saved. */
export class GridNews {
  #unsaved = new UnsavedDialog();
  #signIn = new SignInDialog();
  #line = new StatusLine();

  /** @param {ReviewGrid} grid */
  constructor(grid) {
    this.grid = grid;
  }

  begin() {
    const { grid } = this;
    grid.append(this.#unsaved, this.#signIn);
    grid.querySelector("[data-part=messages]")?.append(this.#line);
    /** @param {string} name @param {(detail: any) => void} act */
    const on = (name, act) =>
      grid.outbox.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on("change", () => this.changed());
    on("signin", () => this.signIn());
    on("back", ({ was, sent }) => {
      this.#line.clear("away");
      if (was === "offline") this.#line.say(pagesSent(sent), { kind: "done", seconds: BRIEF });
    });
    on("refused", ({ entry, problem }) => {
      if (entry.kind === "take-back" || problem.code !== "batch_closed") {
        this.#line.say(say.notSaved(problem.message, problem.nextStep), { kind: "warn" });
      } else this.#listUnsaved();
    });
    this.#listUnsaved();
  }

  /** @param {string} words */
  brief(words) {
    this.#line.say(words, { seconds: BRIEF });
  }

  async signIn() {
    if (!(await this.#signIn.ask(this.grid.dataset.person ?? ""))) return;
    this.grid.outbox.retry();
    if (this.grid.supply.page.length === 0) this.grid.ask();
  }

  changed() {
    const { outbox, supply } = this.grid;
    const waiting = outbox.pending.length;
    this.grid.progress.showSaving(waiting, outbox.held !== "");
    const away = { kind: /** @type {"warn"} */ ("warn"), subject: "away" };
    if (outbox.held === "offline") {
      const ready = supply.ahead.length > 0 || supply.page.length > 0;
      this.#line.say(offline(ready, waiting), away);
    } else if (outbox.held === "trouble" && waiting > 0) {
      this.#line.say(say.cannotSave(waiting, outbox.reference), away);
    } else if (outbox.held === "signin" && waiting > 0) {
      /** @type {[string, () => void]} */
      const action = ["Sign in", () => this.signIn()];
      this.#line.say(say.SIGNED_OUT, { ...away, action });
    }
  }

  async #own() {
    const { desk, person, store } = this.grid.outbox;
    return (await store.unsaved(person)).filter((entry) => entry.desk === desk);
  }

  async #listUnsaved() {
    const own = await this.#own();
    if (own.length === 0) return;
    /** @type {[string, () => void]} */
    const action = ["Show", () => this.#showUnsaved()];
    this.#line.say(say.batchClosed(own.length), { kind: "warn", subject: "unsaved", action });
  }

  async #showUnsaved() {
    const own = await this.#own();
    if (!(await this.#unsaved.ask(own, () => this.grid.label))) return;
    await this.grid.outbox.store.forget(own);
    this.#line.clear("unsaved");
  }
}

/** @param {number} n */
const pages = (n) => `${n} ${n === 1 ? "page" : "pages"}`;

/** @param {number} sent */
function pagesSent(sent) {
  return sent === 0 ? "Back online." : `Back online. ${pages(sent)} sent.`;
}

/** @param {boolean} ready @param {number} waiting pages not sent */
function offline(ready, waiting) {
  if (!ready) {
    const are = waiting === 1 ? "page is" : "pages are";
    return waiting === 0
      ? "Waiting for the network."
      : `Waiting for the network. Your ${waiting} ${are} safe on this device.`;
  }
  const later = waiting === 0 ? "pages" : pages(waiting);
  return `You are offline. Keep going: ${later} will be sent when you are back.`;
}
