// @ts-check
/**
 * Says what happened to it, and knows nobody who hears: those who paint listen.
 * @template {Record<string, unknown>} Told by event, what is said of it; null when its name is all
 */
export class Teller extends EventTarget {
  /** @template {keyof Told & string} Name @param {Name} name @param {Told[Name]} detail */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @template {keyof Told & string} Name @param {Name} name
   * @param {(detail: Told[Name]) => unknown} act */
  on(name, act) {
    this.addEventListener(name, (event) => {
      act(/** @type {CustomEvent<Told[Name]>} */ (event).detail);
    });
  }
}
