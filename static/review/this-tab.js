// @ts-check
import { post, postLast } from "./calls.js";

/** @typedef {import("./payload.js").Example} Example */

const GIVE_BACK = "/api/v1/leases/give-back";
const KEPT = "relabel.given-back";

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

/** Give leases back as the page goes away. @param {string[]} leases */
export function giveBack(leases) {
  if (leases.length === 0) return Promise.resolve();
  const given = postLast(GIVE_BACK, { leases });
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(leases));
  } catch {
    // Without storage a reload may meet its own leases once; they run out.
  }
  return given;
}

/** @returns {string[]} */
function remembered() {
  try {
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    return kept ? JSON.parse(kept) : [];
  } catch {
    return [];
  }
}

/**
 * What the page before this one gave back may still be on its way; a claim that overtakes it
 * would be handed the same leases. So it is said again and waited for.
 * @param {Example[]} examples sent with this page
 * @returns {Promise<Example[]>} those that are still held
 */
export async function afterGivingBack(examples) {
  const leases = remembered();
  if (leases.length === 0) return examples;
  await post(GIVE_BACK, { leases }).catch(() => undefined);
  return examples.filter(({ lease }) => !leases.includes(lease));
}
