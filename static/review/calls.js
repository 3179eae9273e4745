// @ts-check
/** @typedef {{detail?: string, code?: string, next_step?: string, reference?: string}} Problem */

/** An answer of the server that says no, in its own words. */
export class Refused extends Error {
  /** @param {number} status @param {Problem} problem @param {number} wait seconds */
  constructor(status, problem, wait) {
    super(problem.detail || "The server could not do this.");
    this.status = status;
    this.code = String(problem.code || "");
    this.nextStep = String(problem.next_step || "");
    this.reference = String(problem.reference || "");
    this.wait = wait;
  }
}

/** No answer at all: the network or the server is away. */
export class Away extends Error {}

const TIMEOUT = 20_000; // ms; a reply later than this is asked for again under the same key

/** @returns {string} */
export function csrfToken() {
  return document.querySelector('meta[name="csrf"]')?.getAttribute("content") ?? "";
}

/** @param {string} token */
export function setCsrfToken(token) {
  document.querySelector('meta[name="csrf"]')?.setAttribute("content", token);
}

/** @param {string} method @param {unknown} payload */
function request(method, payload) {
  return {
    method,
    credentials: /** @type {RequestCredentials} */ ("same-origin"),
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRF-Token": csrfToken(),
    },
    body: JSON.stringify(payload),
  };
}

/** Post JSON and read JSON: who asks knows its shape. @param {string} path @param {unknown} payload */
export const post = (path, payload) => send("POST", path, payload);

/**
 * Send JSON and read JSON.
 * @param {"POST" | "PATCH"} method
 * @param {string} path
 * @param {unknown} payload
 * @returns {Promise<unknown>}
 */
export async function send(method, path, payload) {
  let reply;
  try {
    reply = await fetch(path, { ...request(method, payload), signal: AbortSignal.timeout(TIMEOUT) });
  } catch (error) {
    throw new Away(String(error));
  }
  const wait = Number(reply.headers.get("Retry-After")) || 0;
  /** @type {unknown} */
  let read;
  try {
    read = await reply.json();
  } catch {
    if (reply.ok) throw new Away("The reply broke off.");
    throw new Refused(reply.status, {}, wait);
  }
  if (!reply.ok) throw new Refused(reply.status, /** @type {Problem} */ (read), wait);
  return read;
}

/** Post while the page goes away; what comes back is not read. @param {string} path
 * @param {unknown} payload */
export function postLast(path, payload) {
  return fetch(path, { ...request("POST", payload), keepalive: true }).catch(() => undefined);
}
