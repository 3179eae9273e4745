// @ts-check
/** @typedef {{state: string, waits_for: string, step: string, step_done: number,
 *   step_total: number}} Job */

/** Follows a job: its step, how far it is; reloads the page when it ends. */
class JobWatch extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.look(), 700);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async look() {
    const reply = await fetch(this.dataset.job ?? "", { headers: { Accept: "application/json" } })
      .catch(() => null);
    if (!reply || !reply.ok) return;
    /** @type {Job} */
    const job = await reply.json();
    if (job.state !== "waiting" && job.state !== "running") {
      clearInterval(this.timer);
      location.reload();
      return;
    }
    this.show(job);
  }

  /** @param {Job} job */
  show(job) {
    const step = this.querySelector("[data-step]");
    const bar = this.querySelector("[data-progress]");
    const words = job.waits_for || job.step || "running";
    if (step) step.textContent = words[0].toUpperCase() + words.slice(1);
    if (bar instanceof HTMLProgressElement) {
      bar.max = job.step_total || 1;
      bar.value = job.step_done;
    }
  }
}

customElements.define("job-watch", JobWatch);
