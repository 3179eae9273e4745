// @ts-check
/** @typedef {{expected: string, work: string, mix: string, first: {text: string, picture: string}[]}} Outlook */
/** @typedef {{words: string, advised: number, shares: {share: number, words: string}[], outlook: Outlook}} Preview */
/** @typedef {{detail: string, next_step: string}} Problem */

/** Fields that change nothing of what fits. */
const NO_MATTER = ["person", "due", "name", "audit_share", "mode", "reads", "routing", "at", "due_days", "monthday"];

/** Says how many examples fit while the form is filled in; without script there is its button. */
class BatchPreview extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    const line = this.querySelector("[data-line]");
    if (!(form instanceof HTMLFormElement) || !(line instanceof HTMLElement)) return;
    this.form = form;
    this.line = line;
    this.touched = false;
    form.querySelector('[name="step"][value="preview"]')?.remove();
    form.addEventListener("input", (event) => this.later(event));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  /** @param {Event} event */
  later(event) {
    const name = event.target instanceof HTMLInputElement ? event.target.name : "";
    if (name === "audit_share") this.touched = true;
    if (NO_MATTER.includes(name)) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(), 150);
  }

  plan() {
    const form = new FormData(/** @type {HTMLFormElement} */ (this.form));
    const label = Number(form.get("label"));
    const suggested = Number(form.get("suggested"));
    const most = Number(form.get("most_each"));
    const view = Number(form.get("view"));
    // What the chosen rule has no use for, the server leaves out.
    return {
      by: String(form.get("by")),
      size: Number(form.get("size")),
      ...(label ? { label } : {}),
      ...(suggested ? { suggested } : {}),
      ...(most > 0 ? { most_each: most } : {}),
      ...(view ? { view } : {}),
      filter: String(form.get("filter") ?? ""),
      most_errors: Number(form.get("most_errors")),
      examples: form.getAll("example").map(Number),
    };
  }

  async ask() {
    const plan = this.plan();
    if (!Number.isInteger(plan.size) || plan.size < 1) return;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const reply = await fetch(String(this.dataset.url), {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRF-Token": document.querySelector('meta[name="csrf"]')?.getAttribute("content") ?? "",
      },
      body: JSON.stringify(plan),
    }).catch(() => null);
    if (turn !== this.turn || !this.line) return;
    if (!reply) {
      this.line.textContent = "The count could not be loaded. The form is not affected.";
      return;
    }
    /** @type {Preview | Problem} */
    const found = await reply.json();
    if ("detail" in found) {
      this.line.textContent = `${found.detail} ${found.next_step}`;
      return;
    }
    this.line.textContent = found.words;
    this.shares(found);
    this.outlook(found.outlook);
  }

  /** @param {Outlook} outlook */
  outlook(outlook) {
    for (const name of /** @type {const} */ (["expected", "work", "mix"])) {
      const line = this.querySelector(`[data-outlook="${name}"]`);
      if (line) line.textContent = outlook[name];
    }
    const rows = outlook.first.map(({ text, picture }) => {
      const row = document.createElement("li");
      row.append(
        picture
          ? Object.assign(new Image(), { src: picture, alt: text || "An example" })
          : Object.assign(document.createElement("bdi"), { textContent: text }),
      );
      return row;
    });
    this.querySelector("[data-first]")?.replaceChildren(...rows);
  }

  /** @param {Preview} found */
  shares(found) {
    for (const { share, words } of found.shares) {
      const told = this.querySelector(`.share-${share}`);
      if (told) told.textContent = words;
      const input = this.querySelector(`[name="audit_share"][value="${share}"]`);
      if (!(input instanceof HTMLInputElement)) continue;
      if (!this.touched) input.checked = share === found.advised;
      input.parentElement?.querySelector(".advised")?.remove();
      if (share !== found.advised) continue;
      const mark = document.createElement("span");
      mark.className = "advised";
      mark.textContent = "advised";
      input.parentElement?.append(mark);
    }
  }
}

customElements.define("batch-preview", BatchPreview);
