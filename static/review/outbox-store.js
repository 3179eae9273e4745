// @ts-check
/** @typedef {import("./entry.js").Entry} Entry */

const WAITING = "waiting";
const UNSAVED = "unsaved";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  const request = indexedDB.open("relabel-outbox", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(WAITING, { keyPath: "n", autoIncrement: true });
    request.result.createObjectStore(UNSAVED, { keyPath: "n" });
  };
  return result(request);
}

/** Entries in IndexedDB; where the browser refuses it, in memory for as long as the page lives. */
export class OutboxStore {
  /** @type {Promise<IDBDatabase | null>} */
  #database = openDatabase().catch(() => null);
  /** @type {WeakMap<Entry, Promise<unknown>>} */
  #last = new WeakMap();

  /**
   * @template T
   * @param {string} name
   * @param {(store: IDBObjectStore) => IDBRequest<T>} work
   */
  async #change(name, work) {
    const database = await this.#database;
    if (!database) return undefined;
    const change = database.transaction(name, "readwrite");
    const done = new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onabort = () => reject(change.error);
    });
    const value = await result(work(change.objectStore(name)));
    await done;
    return value;
  }

  /** What is asked of one entry is done in the order it is asked: only once it is kept has it the
   * number by which it is kept again, settled or set aside.
   * @param {Entry} entry @param {() => Promise<unknown>} work */
  #next(entry, work) {
    const done = (this.#last.get(entry) ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#last.set(entry, done);
    return done;
  }

  /** @param {Entry} entry */
  async keep(entry) {
    await this.#next(entry, async () => {
      const n = await this.#change(WAITING, (store) => store.put(entry));
      if (typeof n === "number") entry.n = n;
    });
  }

  /** @param {Entry} entry */
  async settle(entry) {
    await this.#next(entry, async () => {
      const { n } = entry;
      if (n !== undefined) await this.#change(WAITING, (store) => store.delete(n));
    });
  }

  /** @param {string} person @returns {Promise<Entry[]>} in the order they were given */
  async waiting(person) {
    return this.#all(WAITING, person);
  }

  /** @param {Entry} entry an answer the server will not take */
  async setAside(entry) {
    await this.#next(entry, () => this.#change(UNSAVED, (store) => store.put(entry)));
    await this.settle(entry);
  }

  /** @param {string} person @returns {Promise<Entry[]>} */
  async unsaved(person) {
    return this.#all(UNSAVED, person);
  }

  /** @param {Entry[]} entries seen by the reviewer and no longer needed */
  async forget(entries) {
    for (const { n = 0 } of entries) await this.#change(UNSAVED, (store) => store.delete(n));
  }

  /** @param {string} name @param {string} person @returns {Promise<Entry[]>} */
  async #all(name, person) {
    const database = await this.#database;
    if (!database) return [];
    /** @type {Entry[]} */
    const all = await result(database.transaction(name).objectStore(name).getAll());
    return all.filter((entry) => entry.person === person);
  }
}
