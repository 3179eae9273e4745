// @ts-check
/** @param {number} n @param {string} one @param {string} many */
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
/** @param {number} n */
const answers = (n) => count(n, "answer", "answers");

/** @param {number} ready examples left on this device @param {number} waiting answers not sent */
export function offline(ready, waiting) {
  if (ready === 0) {
    const are = waiting === 1 ? "answer is" : "answers are";
    return waiting === 0
      ? "Waiting for the network."
      : `Waiting for the network. Your ${waiting} ${are} safe on this device.`;
  }
  const ahead = `${ready} ${ready === 1 ? "example is" : "examples are"} ready`;
  const later = waiting === 0 ? "answers" : answers(waiting);
  return `You are offline. Keep going: ${ahead}, and ${later} will be sent when you are back.`;
}

/** @param {number} sent */
export function backOnline(sent) {
  return sent === 0 ? "Back online." : `Back online. ${answers(sent)} sent.`;
}

/** The server answers but does not store. @param {string} why @param {number} waiting
 * @param {string} reference */
export function cannotSave(why, waiting, reference) {
  const ref = reference ? ` (ref ${reference})` : "";
  return `${why} ${answers(waiting)} waiting, safe on this device. Trying again${ref}.`;
}

/** @param {number} unsaved */
export function batchClosed(unsaved) {
  const listed = unsaved === 1 ? "Your last answer is" : `Your last ${unsaved} answers are`;
  return `Not saved: the batch was closed by the lead. ${listed} listed so that nothing is lost.`;
}

/** @param {string} detail @param {string} nextStep */
export function notSaved(detail, nextStep) {
  return `Not saved: ${[detail, nextStep].filter(Boolean).join(" ")}`;
}

/** @param {string | null | undefined} word what the server says of a late answer
 * @param {number | null | undefined} minutes */
export function late(word, minutes) {
  if (word === "went_to_someone") {
    return "This example went to someone else while you were away. Your answer is kept.";
  }
  if (word !== "another_answered") return "";
  const ago = typeof minutes === "number" ? ` ${count(minutes, "minute", "minutes")} ago` : "";
  return `Another reviewer answered this one${ago} and chose another label. Both answers go to the lead.`;
}

/** @param {string} of one label, two, or the project; nothing: several rules changed
 * @param {number} version or how many rules */
export function guidelineChanged(of, version) {
  if (!of) return `The guideline changed: ${version} rules are new.`;
  return `The guideline for ${of} changed to v${version}.`;
}

/** @param {number} done */
export function reassigned(done) {
  const saved = done === 1 ? "Your answer is saved" : `Your ${done} answers are saved`;
  return `This batch went to someone else. ${saved}.`;
}

/** @param {number} withOthers @param {boolean} [batch] whether this is the desk of one */
export function nothingLeft(withOthers, batch = true) {
  const nothing = batch ? "Nothing left in this batch." : "No read waits for you here.";
  if (!withOthers) return nothing;
  const are = withOthers === 1 ? "example is" : "examples are";
  return `${nothing} ${withOthers} ${are} with other people.`;
}

/** @param {number | null} seconds */
export function timeLeft(seconds) {
  if (seconds === null) return "";
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 90) return `about ${minutes} min left`;
  return `about ${Math.round(minutes / 60)} h left`;
}

export const MEDIA_FAILED = "This image did not load. The answer keys are off for it.";
export const OTHER_TAB = "This batch is open in another tab";
export const PAUSED = "The lead has paused this batch. Your answers are saved.";
export const CLOSED = "The lead has closed this batch. Your answers are saved.";
export const ENOUGH = "You hold as many examples as one person can. Answer those in your other tabs first.";
export const ARCHIVED = "This project is archived: nothing in it can be answered now.";
export const TOO_FAST = "Too many requests at once: it goes on in a moment.";
export const NO_SAVING = "The server cannot save at the moment.";
export const EVIDENCE_AWAY =
  "Not saved: you are offline, and the evidence comes from the server. Answer again when you are back.";
export const REST = "45 minutes without a pause. A short break keeps answers good.";
export const NO_MATCH = "No label matches. Remove as No label fits, and propose one in the note.";
export const SIGNED_OUT = "You were signed out. Your answers are safe on this device.";
