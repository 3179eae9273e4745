// @ts-check
import { setCsrfToken } from "./calls.js";
import { asked, leave, makeDialog } from "./dialog.js";
import { make } from "./make.js";

/** Signing in again without leaving the page, so that waiting answers can be sent. */
export class SignInDialog extends HTMLElement {
  #email = make("input", { type: "email", name: "email", autocomplete: "username", required: "", autofocus: "" });
  #password = make("input", {
    type: "password",
    name: "password",
    autocomplete: "current-password",
    required: "",
  });
  #problem = make("p", { class: "problem", role: "alert" });
  #form = make(
    "form",
    {},
    make("p", { class: "quiet" }, "Your answers are safe on this device and are sent once you are in."),
    make("label", {}, "E-mail", this.#email),
    make("label", {}, "Password", this.#password),
    this.#problem,
    make("button", { class: "button" }, "Sign in"),
  );
  #dialog = makeDialog("Sign in again", this.#form);
  #person = "";

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.addEventListener("keydown", (event) => event.stopPropagation());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.#send();
    });
  }

  /** @param {string} person whose answers wait @returns {Promise<boolean>} */
  async ask(person) {
    if (this.#dialog.open) return false;
    this.#person = person;
    this.#problem.textContent = "";
    return (await asked(this.#dialog)) === "in";
  }

  async #send() {
    const session = await this.#open().catch(() => null);
    this.#password.value = "";
    if (session === null) this.#problem.textContent = "The network is away. Try again.";
    else if (!session.person) this.#problem.textContent = "That e-mail and password do not match.";
    else if (session.person !== this.#person) location.reload();
    else {
      setCsrfToken(session.csrf);
      leave(this.#dialog, "in");
    }
  }

  /** Through the same door as the sign-in page; the page behind it says who is in. */
  async #open() {
    const next = location.pathname;
    const door = await fetch(`/signin?next=${encodeURIComponent(next)}`);
    const page = await door.text();
    if (!new URL(door.url).pathname.startsWith("/signin")) return readSession(page);
    const fields = { email: this.#email.value, password: this.#password.value, next };
    const body = new URLSearchParams({ ...fields, csrf: found(page, /name="csrf" value="([^"]+)"/) });
    const reply = await fetch("/signin", { method: "POST", body });
    return readSession(await reply.text());
  }
}

/** @param {string} page @param {RegExp} pattern */
function found(page, pattern) {
  return pattern.exec(page)?.[1] ?? "";
}

/** @param {string} page the desk as the server drew it for whoever is signed in */
function readSession(page) {
  return {
    csrf: found(page, /<meta name="csrf" content="([^"]+)"/),
    person: found(page, /data-person="([^"]+)"/),
  };
}

customElements.define("sign-in-dialog", SignInDialog);
