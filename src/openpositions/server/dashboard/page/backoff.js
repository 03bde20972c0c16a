// @ts-check
/** How long to wait before the next attempt: longer each time, and never the same for two pages. Pure. */

export const FIRST_MS = 250;
export const LONGEST_MS = 30_000;

// A connection that lived for so long was a good one.
export const HEALTHY_MS = 5_000;

export class Backoff {
  #failures = 0;
  #random;

  /** @param {() => number} random from 0 to 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /** How long to wait now: half of a ceiling that doubles, and a random part of the other half. */
  nextMs() {
    const ceiling = Math.min(FIRST_MS * 2 ** Math.min(this.#failures, 16), LONGEST_MS);
    this.#failures += 1;
    return ceiling / 2 + (this.#random() * ceiling) / 2;
  }

  /**
   * Learns how long the last connection lived.
   * @param {number} lived milliseconds
   */
  ended(lived) {
    if (lived >= HEALTHY_MS) this.#failures = 0;
  }
}
