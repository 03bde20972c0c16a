// @ts-check
/** Reads that are repeated for as long as the service may still answer them. */

import { Backoff } from "./backoff.js";
import { ask, Refused } from "./requests.js";

/** @typedef {import("./signing.js").Signer} Signer */

/**
 * The decoded answer to a read, however often it has to be asked for; null once it is not wanted any more. Throws
 * Refused where nothing is gained by asking again.
 * @param {Signer} signer
 * @param {string} path
 * @param {Record<string, string>} query
 * @param {() => boolean} isWanted
 * @param {(refused: Refused) => void} [told] of each refusal, before the pause after it
 * @returns {Promise<any>}
 */
export async function askUntilAnswered(signer, path, query, isWanted, told = () => {}) {
  // Pages that were opened together are refused together: their pauses differ.
  const backoff = new Backoff();
  while (isWanted()) {
    try {
      const answer = await ask(signer, "GET", path, query);
      return isWanted() ? answer : null;
    } catch (error) {
      if (!isWanted()) return null;
      if (!(error instanceof Refused) || error.final) throw error;
      told(error);
    }
    const pauseMs = backoff.nextMs();
    await pause(pauseMs, signer.forgotten);
  }
  return null;
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal ends it early
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(undefined);
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
