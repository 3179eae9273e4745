// @ts-check
const NAMED = /^(Arrow(Up|Down|Left|Right)|Home|End|Page(Up|Down)|Insert|Delete)$/;

/** Fields for one key each: the key that is pressed is what stands there. */
class KeyFields extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.press(event));
    this.addEventListener("focusin", ({ target }) => target instanceof HTMLInputElement && target.select());
    // What the desk still had to say about single keys is older than this form.
    this.closest("form")?.addEventListener("submit", () => localStorage.removeItem("relabel.single-keys"));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || event.isComposing || event.ctrlKey || event.metaKey) return;
    const { key } = event;
    const letter = /^\p{L}$/u.test(key);
    if (!letter && !/^[^\s\p{L}\p{M}]$/u.test(key) && !NAMED.test(key)) return;
    event.preventDefault();
    field.value = letter ? `${event.shiftKey ? "Shift+" : ""}${key.toUpperCase()}` : key;
    field.removeAttribute("aria-invalid");
    field.select();
  }
}

customElements.define("key-fields", KeyFields);
