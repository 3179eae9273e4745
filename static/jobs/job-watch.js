// @ts-check
/** @typedef {{state: string, step: string, step_done: number, step_total: number,
 *   no_worker: boolean}} Job */

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
    const waiting = job.no_worker ? "Waiting for a worker: none has reported" : "Waiting for a worker";
    if (step) step.textContent = job.step || waiting;
    if (bar instanceof HTMLProgressElement) {
      bar.max = job.step_total || 1;
      bar.value = job.step_done;
    }
  }
}

customElements.define("job-watch", JobWatch);
