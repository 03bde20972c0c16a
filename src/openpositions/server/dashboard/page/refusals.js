// @ts-check
/** What refusals and closings mean, each in a sentence, and whether it is of use to come back. Pure. */

/**
 * @typedef {object} Parting
 * @property {string} sentence
 * @property {boolean} final nothing is gained by coming back by itself
 */

const CLOSINGS = /** @type {Record<number, Parting>} */ ({
  1008: { sentence: "The service closed the connection by its policy and does not want it back.", final: true },
  1009: { sentence: "The service refused a message of this page as too long.", final: true },
  1011: { sentence: "The service lost touch with this page, or had an error of its own.", final: false },
  1012: { sentence: "The service is being stopped or restarted as planned.", final: false },
  1013: { sentence: "This page took what it was told too slowly, so the service let go of it.", final: false },
  4003: { sentence: "The key was revoked. Ask for another one and sign in with that.", final: true },
});

/**
 * What the closing of a socket means.
 * @param {number} code
 * @returns {Parting}
 */
export function closing(code) {
  // Codes from 4000 on are the service's own; those it names nowhere mean the same as 1008.
  if (code >= 4000) return CLOSINGS[code] ?? { ...CLOSINGS[1008] };
  return CLOSINGS[code] ?? { sentence: "The connection was lost.", final: false };
}

/**
 * What a refused request means.
 * @param {number} status
 * @param {any} body decoded, undefined where it is no JSON
 * @param {number | null} offMs how far the clock of this machine is ahead of the service's, where that is known
 * @returns {Parting}
 */
export function refusal(status, body, offMs) {
  const { code = "", message = "", details = "" } = typeof body?.error === "object" && body.error ? body.error : {};
  if (details === "INCORRECT_API_KEY_SIGNATURE") {
    return { sentence: "This private key does not belong to that key id. Choose the file that came with it.", final: true };
  }
  if (details === "NOT_FOUND") {
    return { sentence: "The service knows no such key id; it may be misspelt, or the key was revoked.", final: true };
  }
  // A clock is set right by itself, most often: after a machine slept, for one.
  if (code === "header_timestamp_expired") return { sentence: clockSentence(offMs), final: false };
  if (status === 403) {
    return { sentence: message ? `Not allowed: ${message}.` : "This key may not do that.", final: true };
  }
  if (status === 429) {
    return { sentence: "Too many requests or connections at once under this user.", final: false };
  }
  if (status === 503) {
    return { sentence: `The service is not ready${message ? `: ${message}` : ""}.`, final: false };
  }
  if (status >= 500) return { sentence: `The service failed (${status}).`, final: false };
  return { sentence: message ? `Refused: ${message}.` : `The service refused with status ${status}.`, final: true };
}

export const UNREACHABLE = "The service cannot be reached.";

/** @param {number | null} offMs */
function clockSentence(offMs) {
  const seconds = offMs === null ? 0 : Math.round(Math.abs(offMs) / 1000);
  if (offMs === null || seconds < 2) {
    return "The clock of this machine and that of the service are too far apart. Set this one right and try again.";
  }
  const way = offMs > 0 ? "ahead of" : "behind";
  return `The clock of this machine is ${seconds} s ${way} that of the service. Set it right and try again.`;
}
