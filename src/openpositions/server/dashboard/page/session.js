// @ts-check
/** Follows a portfolio over any number of connections, from the moment somebody signed in until it is over. */

import { Backoff } from "./backoff.js";
import { Book } from "./book.js";
import { Connection } from "./connection.js";
import { EndingReader } from "./endings.js";
import { Following, Interrupted } from "./following.js";
import { readPast } from "./past.js";
import { Refused } from "./requests.js";

/** @typedef {import("./signing.js").Signer} Signer */

/**
 * `live`: what is shown is what is. `stale`: nothing was heard for too long. `ended`: it will not come back by itself.
 * @typedef {"connecting" | "live" | "stale" | "reconnecting" | "ended"} Phase
 */

/**
 * @typedef {object} Told
 * @property {(phase: Phase, sentence: string) => void} phase
 * @property {(shown: import("./book.js").Shown) => void} shown
 * @property {() => void} past more is known of what is over, or ends
 * @property {() => void} caughtUp
 */

export class Session {
  book = new Book();
  /** @type {Phase} */
  phase = "connecting";
  /** Whether it was ever live. */
  wasLive = false;
  /** Of what is over, how much is known. @type {import("./past.js").Extent} */
  past = { complete: false, sentence: "" };

  #following = new Following(this.book);
  #backoff = new Backoff();
  #connection = new Connection();
  #stopped = false;
  #endings;
  /** When this connection had told everything. @type {number | null} */
  #liveSince = null;
  /** Ends a pause early. */
  #wake = () => {};
  #signer;
  #told;

  /**
   * @param {Signer} signer
   * @param {Told} told
   */
  constructor(signer, told) {
    this.#signer = signer;
    this.#told = told;
    this.#endings = new EndingReader(signer, this.book, () => !this.#stopped, () => told.past());
  }

  /** When anything was heard last, by the clock of `performance`; null before. */
  get heardAt() {
    return this.#connection.heardAt;
  }

  /** Ends it for good. */
  stop() {
    this.#stopped = true;
    this.#connection.stop();
    this.#wake();
  }

  /** Connects at once, instead of waiting on. */
  hurry() {
    this.#wake();
  }

  /** Runs until it is over. */
  async run() {
    while (!this.#stopped) {
      this.#liveSince = null;
      const { sentence, final } = await this.#connect();
      if (this.#stopped) return;
      if (final || !this.wasLive) {
        this.#become("ended", sentence);
        return;
      }
      this.#backoff.ended(this.#liveSince === null ? 0 : performance.now() - this.#liveSince);
      this.#become("reconnecting", sentence);
      await this.#pause(this.#backoff.nextMs());
    }
  }

  /** One connection, to its end. */
  async #connect() {
    this.#connection = new Connection();
    try {
      return await this.#connection.run(this.#signer, {
        opened: () => this.#following.begin(),
        received: (message) => this.#receive(message),
        heard: (isStale) => this.#heard(isStale),
      });
    } catch (error) {
      if (error instanceof Refused || error instanceof Interrupted) return { sentence: error.message, final: error.final };
      console.error(error);
      return { sentence: "The service sent something that this page does not understand.", final: true };
    }
  }

  /** @param {any} message */
  #receive(message) {
    const { shown, caughtUp, endingsMissed, ending, settled } = this.#following.take(message);
    if (shown !== null) this.#told.shown(shown);
    if (caughtUp) {
      this.wasLive = true;
      this.#liveSince = performance.now();
      this.#told.caughtUp();
    }
    if (shown !== null) this.#become("live", "");
    if (endingsMissed) void this.#readPast();
    if (ending) this.#told.past();
    if (settled !== null) void this.#endings.read(settled);
    if (shown !== null) this.#readEndingsOf(shown);
  }

  /**
   * A first fill that leaves nothing held was most likely in a market that had been settled before, in which nothing
   * was held then: no frame tells of its ending.
   * @param {import("./book.js").Shown} shown
   */
  #readEndingsOf({ changes }) {
    for (const { before, after, isLive } of changes) {
      const isNew = isLive && before === null && after.positionCenti === 0n;
      if (isNew && !this.book.endings.has(after.ticker)) void this.#endings.read(after.ticker);
    }
  }

  /** @param {boolean} isStale */
  #heard(isStale) {
    if (isStale && this.phase === "live") {
      this.#become("stale", "Nothing has been heard from the service: these numbers may be old.");
    } else if (!isStale && this.phase === "stale") {
      this.#become("live", "");
    }
  }

  async #readPast() {
    const { place } = this.#following;
    if (place === null) return;
    const isWanted = () => !this.#stopped && this.#following.place === place;
    const tell = (/** @type {import("./past.js").Extent} */ extent) => {
      this.past = extent;
      this.#told.past();
    };
    const extent = await readPast(this.#signer, this.book, place.sequence, isWanted, tell);
    if (extent !== null) tell(extent);
  }

  /**
   * @param {Phase} phase
   * @param {string} sentence
   */
  #become(phase, sentence) {
    if (this.phase === phase && phase === "live") return;
    this.phase = phase;
    this.#told.phase(phase, sentence);
  }

  /** @param {number} ms */
  async #pause(ms) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
    this.#wake = () => {};
  }
}
