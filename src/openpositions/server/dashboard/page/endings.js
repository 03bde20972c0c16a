// @ts-check
/** Finds out how markets were settled where this page could not hear of it. */

import { endingOf, PAST_PATH } from "./past.js";
import { Refused } from "./requests.js";
import { askUntilAnswered } from "./retries.js";

/**
 * @typedef {import("./book.js").Book} Book
 * @typedef {import("./signing.js").Signer} Signer
 */

export class EndingReader {
  /** Markets that are still to be read, one after another: many may be settled at once. @type {Set<string>} */
  #waiting = new Set();
  #isReading = false;
  #signer;
  #book;
  #isWanted;
  #told;

  /**
   * @param {Signer} signer
   * @param {Book} book
   * @param {() => boolean} isWanted
   * @param {() => void} told after each market
   */
  constructor(signer, book, isWanted, told) {
    this.#signer = signer;
    this.#book = book;
    this.#isWanted = isWanted;
    this.#told = told;
  }

  /**
   * Reads how a market was settled, into the book.
   * @param {string} ticker
   */
  async read(ticker) {
    this.#waiting.add(ticker);
    if (this.#isReading) return;
    this.#isReading = true;
    for (const next of this.#waiting) {
      await this.#readOne(next);
      this.#waiting.delete(next);
    }
    this.#isReading = false;
  }

  /** @param {string} ticker */
  async #readOne(ticker) {
    try {
      const answer = await askUntilAnswered(this.#signer, PAST_PATH, { ticker, limit: "1" }, this.#isWanted);
      const row = answer?.market_positions[0];
      const ending = row === undefined ? null : endingOf(row);
      // Another history of the service may have begun meanwhile, without this market.
      if (ending === null || !this.#book.has(ticker)) return;
      this.#book.takeEnding(ticker, ending);
      this.#told();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      console.warn(`How ${ticker} was settled could not be read: ${error.message}`);
    }
  }
}
