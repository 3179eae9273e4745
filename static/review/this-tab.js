// @ts-check
/**
 * One tab at a time works at a desk, because two would hold the same leases.
 * @param {string} desk
 * @param {boolean} take from another tab that has it
 * @param {() => void} lost called when another tab takes it
 * @returns {Promise<boolean>}
 */
export function holdDesk(desk, take, lost) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const forever = new Promise(() => undefined);
    navigator.locks
      .request(`relabel-desk-${desk}`, take ? { steal: true } : { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? forever : undefined;
      })
      .catch(lost);
  });
}
