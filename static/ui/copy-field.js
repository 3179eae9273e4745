// @ts-check
/** A field that is read, not written: adds a button that copies it. */
class CopyField extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    if (!input || this.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () => this.copy(input, button));
    this.append(button);
    input.addEventListener("focus", () => input.select());
  }

  /**
   * @param {HTMLInputElement} input
   * @param {HTMLButtonElement} button
   */
  async copy(input, button) {
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = "Copied";
  }
}

customElements.define("copy-field", CopyField);
