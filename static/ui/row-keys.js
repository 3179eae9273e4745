// @ts-check
import { plainKey } from "./plain-key.js";

/**
 * A list under the keys: J and K move, Enter opens, Space ticks, F goes to the filter.
 * A row carries `data-row`; inside it are its link and, where rows can be picked, its box.
 * The box with `data-all` ticks the page; `data-picked` says how many are ticked.
 */
class RowKeys extends HTMLElement {
  connectedCallback() {
    this.listen = (/** @type {KeyboardEvent} */ event) => this.press(event);
    document.addEventListener("keydown", this.listen);
    this.addEventListener("change", (event) => this.ticked(event));
    this.addEventListener("click", (event) => this.range(event));
    this.count();
  }

  disconnectedCallback() {
    if (this.listen) document.removeEventListener("keydown", this.listen);
  }

  get rows() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-row]")]);
  }

  get boxes() {
    return /** @type {HTMLInputElement[]} */ ([...this.querySelectorAll("[data-row] input[type=checkbox]")]);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const from = event.target;
    const key = plainKey(event);
    const row = from instanceof HTMLElement ? from.closest("[data-row]") : null;
    if (key === "j" || key === "k") this.move(row, key === "j" ? 1 : -1);
    else if (key === "f" && !event.repeat) this.filter();
    else if (key === "b" && !event.repeat) this.submit();
    else if (key === " " && row && !(from instanceof HTMLInputElement)) this.tick(row);
    else if (key === "enter" && row && from instanceof HTMLInputElement) this.open(row);
    else return;
    event.preventDefault();
  }

  /** @param {Element | null} row @param {number} step */
  move(row, step) {
    const rows = this.rows;
    const at = row instanceof HTMLElement ? rows.indexOf(row) : step > 0 ? -1 : 0;
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    next?.querySelector("a")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  filter() {
    const field = document.querySelector("[data-filter]");
    if (field instanceof HTMLElement) field.focus();
  }

  submit() {
    const button = this.querySelector("[data-make]");
    if (button instanceof HTMLButtonElement && !button.disabled) button.click();
  }

  /** @param {Element} row */
  open(row) {
    row.querySelector("a")?.click();
  }

  /** @param {Element} row */
  tick(row) {
    const box = row.querySelector("input[type=checkbox]");
    if (box instanceof HTMLInputElement) box.click();
  }

  /** @param {MouseEvent} event */
  range(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || !box.closest("[data-row]")) return;
    const boxes = this.boxes;
    if (event.shiftKey && this.last) {
      const ends = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const one of boxes.slice(ends[0], ends[1] + 1)) one.checked = box.checked;
    }
    this.last = box;
    this.count();
  }

  /** @param {Event} event */
  ticked(event) {
    const box = event.target;
    if (box instanceof HTMLInputElement && "all" in box.dataset) {
      for (const one of this.boxes) one.checked = box.checked;
    }
    this.count();
  }

  count() {
    const boxes = this.boxes;
    const picked = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
    for (const told of this.querySelectorAll("[data-picked]")) told.textContent = String(picked);
    const all = this.querySelector("[data-all]");
    if (all instanceof HTMLInputElement) {
      all.checked = picked > 0 && picked === boxes.length;
      all.indeterminate = picked > 0 && picked < boxes.length;
    }
    for (const button of this.querySelectorAll("[data-make]")) {
      if (button instanceof HTMLButtonElement) button.disabled = picked === 0;
    }
    for (const bar of this.querySelectorAll("[data-bar]")) {
      bar.toggleAttribute("data-some", picked > 0);
    }
  }
}

customElements.define("row-keys", RowKeys);
