// @ts-check

const PLACE = "import-scroll";

/** The table of columns: a choice takes effect at once, and the page comes back where it was. */
class ColumnUses extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => {
      if (event.target instanceof HTMLSelectElement) this.chosen(event.target);
    });
    const before = this.early();
    if (before) return this.chosen(before);
    const place = sessionStorage.getItem(PLACE);
    if (place === null) return;
    sessionStorage.removeItem(PLACE);
    const [path, down, name] = JSON.parse(place);
    if (path !== location.pathname) return;
    scrollTo(0, down);
    this.select(name)?.focus({ preventScroll: true });
  }

  /** @param {string} name */
  select(name) {
    const inputs = [...this.querySelectorAll("input")].filter((one) => one.name === "column");
    return inputs.find((one) => one.value === name)?.closest("td")?.querySelector("select");
  }

  /** What was chosen while this script was on its way. */
  early() {
    return [...this.querySelectorAll("select")].find(
      (one) => one.selectedOptions[0] && !one.selectedOptions[0].defaultSelected,
    );
  }

  /** @param {HTMLSelectElement} single */
  chosen(single) {
    const form = this.querySelector("form");
    if (!form) return;
    this.giveWay(single);
    const name = single.closest("td")?.querySelector("input")?.value ?? "";
    sessionStorage.setItem(PLACE, JSON.stringify([location.pathname, scrollY, name]));
    const said = this.querySelector("[data-said]");
    if (said) said.textContent = "Reading the file again…";
    form.requestSubmit();
  }

  /**
   * What only one column can be, the last chosen is: the one that was it before is left out.
   * @param {HTMLSelectElement} chosen
   */
  giveWay(chosen) {
    const many = (this.dataset.many ?? "").split(" ");
    if (!chosen.value || many.includes(chosen.value)) return;
    for (const other of this.querySelectorAll("select")) {
      if (other !== chosen && other.value === chosen.value) other.value = "";
    }
  }
}

customElements.define("column-uses", ColumnUses);
