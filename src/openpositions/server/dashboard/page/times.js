// @ts-check
/** Times and ages in words. Pure. */

/**
 * A time of day here, with its date where that is not today.
 * @param {number} tsMs Unix milliseconds
 * @param {number} nowMs
 */
export function clockText(tsMs, nowMs) {
  const then = new Date(tsMs);
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(":");
  const isToday = then.toDateString() === new Date(nowMs).toDateString();
  return isToday ? time : `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}

/** @param {number} tsMs */
export function isoText(tsMs) {
  return new Date(tsMs).toISOString();
}

/**
 * How long ago something was, in its largest unit.
 * @param {number} ms
 */
export function ageText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}
