// @ts-check
import * as say from "./messages.js";
import { SignInDialog } from "./sign-in-dialog.js";
import { UnsavedDialog } from "./unsaved-dialog.js";

/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./status-line.js").StatusLine} StatusLine */
/**
 * @typedef {{offline: (waiting: number) => string, back: (sent: number) => string,
 *   nameOf: (label: number) => string}} Said
 * The words of whoever sends.
 */

export const BRIEF = 6; // seconds a good message stays

/** How it stands with sending, signing in again, and what was not saved. */
export class OutboxNews {
  #unsaved = new UnsavedDialog();
  #signIn = new SignInDialog();

  /** @param {Outbox} outbox @param {StatusLine} line @param {Said} said */
  constructor(outbox, line, said) {
    this.outbox = outbox;
    this.line = line;
    this.said = said;
  }

  /** @param {HTMLElement} host */
  begin(host) {
    host.append(this.#unsaved, this.#signIn);
    this.outbox.on("signin", () => this.signIn());
    this.outbox.on("back", ({ was, sent }) => {
      this.line.clear("away");
      if (was !== "offline") return;
      this.line.say(this.said.back(sent), { kind: "done", seconds: BRIEF });
    });
    this.listUnsaved();
  }

  async signIn() {
    if (await this.#signIn.ask(this.outbox.person)) this.outbox.signedIn();
  }

  /** Say how it stands with sending. */
  changed() {
    const { held, pending, reference } = this.outbox;
    const waiting = pending.length;
    const away = { kind: /** @type {"warn"} */ ("warn"), subject: "away" };
    if (held === "offline") this.line.say(this.said.offline(waiting), away);
    else if (held === "signin" && waiting > 0) {
      /** @type {[string, () => void]} */
      const action = ["Sign in", () => this.signIn()];
      this.line.say(say.SIGNED_OUT, { ...away, action });
    } else if (held && waiting > 0) {
      const why = { archived: say.ARCHIVED, toofast: say.TOO_FAST, signin: "", trouble: say.NO_SAVING };
      this.line.say(say.cannotSave(why[held], waiting, reference), away);
    }
  }

  async #own() {
    const { desk, person, store } = this.outbox;
    return (await store.unsaved(person)).filter((entry) => entry.desk === desk);
  }

  async listUnsaved() {
    const own = await this.#own();
    if (own.length > 0) this.sayUnsaved(say.batchClosed(own.length));
  }

  /** @param {string} words */
  sayUnsaved(words) {
    /** @type {[string, () => void]} */
    const action = ["Show", () => this.#show()];
    this.line.say(words, { kind: "warn", subject: "unsaved", action });
  }

  async #show() {
    const own = await this.#own();
    if (!(await this.#unsaved.ask(own, this.said.nameOf))) return;
    await this.outbox.store.forget(own);
    this.line.clear("unsaved");
  }
}
