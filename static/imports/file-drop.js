// @ts-check

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

/** Takes files that are dropped on it, and says how far they are sent; that can be cancelled. */
class FileDrop extends HTMLElement {
  connectedCallback() {
    this.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.dataset.over = "";
    });
    this.addEventListener("dragleave", () => delete this.dataset.over);
    this.addEventListener("drop", (event) => this.dropped(event));
    this.form?.addEventListener("submit", (event) => this.send(event));
    this.found("cancel")?.addEventListener("click", () => this.request?.abort());
  }

  get form() {
    return this.closest("form");
  }

  /** @param {string} name */
  found(name) {
    return this.querySelector(`[data-${name}]`);
  }

  /** @param {DragEvent} event */
  dropped(event) {
    event.preventDefault();
    delete this.dataset.over;
    const input = this.querySelector("input[type=file]");
    const files = event.dataTransfer?.files;
    if (!(input instanceof HTMLInputElement) || !files?.length) return;
    if (files.length > 1) {
      this.say(`${files.length} files were dropped. Choose one; pictures go into a ZIP.`);
      return;
    }
    input.files = files;
    this.say("");
    input.focus();
  }

  /** @param {SubmitEvent} event */
  send(event) {
    const form = this.form;
    const input = this.querySelector("input[type=file]");
    const chosen = input instanceof HTMLInputElement && input.files?.length;
    if (!form || this.request || !chosen) return; // without a file the page itself says so
    event.preventDefault();
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (sent) => this.show(sent));
    request.addEventListener("load", () => this.arrived(request));
    request.addEventListener("error", () => this.ended("The file was not sent: the connection broke. Try again."));
    request.addEventListener("abort", () => this.ended("Cancelled. Nothing was stored."));
    this.found("sending")?.removeAttribute("hidden");
    request.send(new FormData(form));
  }

  /** @param {ProgressEvent} sent */
  show(sent) {
    const bar = this.found("bar");
    if (bar instanceof HTMLProgressElement && sent.lengthComputable) {
      bar.max = sent.total;
      bar.value = sent.loaded;
    }
    const done = sent.loaded === sent.total;
    this.say(done ? "Sent. Storing it…" : `${megabytes(sent.loaded)} of ${megabytes(sent.total)} MB sent`);
  }

  /** @param {XMLHttpRequest} request */
  arrived(request) {
    if (request.status < 400 && request.responseURL) {
      location.assign(request.responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const why = page.querySelector("[role=alert] p, main p")?.textContent?.trim();
    this.ended(why || "The file was not taken. Load the page again and try once more.");
  }

  /** @param {string} words */
  ended(words) {
    this.request = undefined;
    this.found("sending")?.setAttribute("hidden", "");
    this.say(words);
  }

  /** @param {string} words */
  say(words) {
    const line = this.found("said");
    if (line) line.textContent = words;
  }
}

customElements.define("file-drop", FileDrop);
