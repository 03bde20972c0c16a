// @ts-check
/** Reads what is over: flat rows, and how their markets were settled. */

import { Refused } from "./requests.js";
import { askUntilAnswered } from "./retries.js";
import { readRow } from "./rows.js";

/**
 * @typedef {import("./book.js").Book} Book
 * @typedef {import("./signing.js").Signer} Signer
 */

/**
 * @typedef {object} Extent
 * @property {boolean} complete everything that is over is known
 * @property {string} sentence why it is not
 */

export const PAST_PATH = "/v1/positions/history";
const PAGE_ROWS = 1_000;

// Some 20 MB of this page; who has more rows asks the service for them, by ticker and time.
const MOST_PAGES = 20;

/**
 * Reads it into the book, as long as it is wanted; null when it no more is.
 * @param {Signer} signer
 * @param {Book} book
 * @param {number} sequence up to which the socket has told
 * @param {() => boolean} isWanted
 * @param {(extent: Extent) => void} told what is known until the service answers
 * @returns {Promise<Extent | null>}
 */
export async function readPast(signer, book, sequence, isWanted, told) {
  let cursor = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    /** @type {Record<string, string>} */
    const query = { limit: String(PAGE_ROWS), ...(cursor ? { cursor } : { sequence: String(sequence) }) };
    /** @type {any} */
    let answer;
    try {
      answer = await askUntilAnswered(signer, PAST_PATH, query, isWanted, (refused) => told(unread(refused)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return unread(error);
    }
    if (answer === null) return null;
    for (const one of answer.market_positions) {
      book.takePast(readRow(one), endingOf(one), sequence);
    }
    cursor = answer.cursor;
    if (!cursor) return { complete: true, sentence: "" };
  }
  return { complete: false, sentence: `Of what is over, the first ${MOST_PAGES * PAGE_ROWS} rows by market are shown.` };
}

/**
 * @param {Refused} refused
 * @returns {Extent}
 */
function unread(refused) {
  return { complete: false, sentence: `What is over could not be read: ${refused.message}` };
}

/**
 * How the market of a row was settled; null where it was not.
 * @param {any} row
 */
export function endingOf(row) {
  if (row.market_result === null) return null;
  return { result: row.market_result, value: row.settlement_value_dollars, settled: true };
}
