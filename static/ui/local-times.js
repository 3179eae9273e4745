// @ts-check
// Times are written in UTC by the server; here they read as the clock on the wall says, and the
// tooltip has the exact one. A day alone stays short.

const DAY = /** @type {const} */ ({ day: "numeric", month: "short", year: "numeric" });
const MINUTE = /** @type {const} */ ({ ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en-GB", DAY);
const minute = new Intl.DateTimeFormat("en-GB", MINUTE);
const exact = new Intl.DateTimeFormat("en-GB", { ...MINUTE, second: "2-digit", timeZoneName: "short" });

for (const shown of document.querySelectorAll("time[data-local]")) {
  if (!(shown instanceof HTMLTimeElement)) continue;
  const at = new Date(shown.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  shown.title = `${exact.format(at)} · ${shown.title}`;
  shown.textContent = (shown.dataset.local === "day" ? day : minute).format(at);
}
