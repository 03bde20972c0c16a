// @ts-check
/** What the frames of one connection mean to the book. A state machine without a socket and without a clock. */

import { readRow } from "./rows.js";

/**
 * @typedef {import("./book.js").Book} Book
 * @typedef {import("./book.js").Shown} Shown
 * @typedef {import("./lines.js").Ending} Ending
 * @typedef {import("./rows.js").Row} Row
 */

/** The connection is of no more use: another one has to go on from the place; or none, where it is `final`. */
export class Interrupted extends Error {
  /**
   * @param {string} message
   * @param {boolean} final
   */
  constructor(message, final = false) {
    super(message);
    this.final = final;
  }
}

/**
 * What a message changed.
 * @typedef {object} News
 * @property {Shown | null} shown
 * @property {boolean} caughtUp everything was told that there was
 * @property {boolean} endingsMissed markets may have ended without being heard of: the past is to be read
 * @property {boolean} ending how a market of the book ends was told
 * @property {string | null} settled a market of the book that is settled, while how it was determined was not told on
 *   this connection: it is to be read
 */

const POSITIONS = 1;
const PORTFOLIO = 2;
const LIFECYCLE = 3;
const PROBE = 4;

// While the service is far ahead of a slow page, rows and totals may miss each other some times in a row.
const MOST_MISMATCHES = 100;

/** @type {News} */
const NOTHING = { shown: null, caughtUp: false, endingsMissed: false, ending: false, settled: null };

/** Asks what is subscribed to: the answer shows that the connection lives. */
export const PROBE_COMMAND = JSON.stringify({ id: PROBE, cmd: "list_subscriptions" });

export class Following {
  /** Where a later connection goes on. @type {{epoch: string, sequence: number} | null} */
  place = null;

  #book;
  #caughtUp = false;
  #complete = false;
  #seq = 0;
  #mismatches = 0;
  /** Totals that came before everything was told. @type {any[]} */
  #early = [];
  /** Those told on this connection: an earlier one may have been corrected meanwhile. @type {WeakSet<Ending>} */
  #determined = new WeakSet();
  /** Rows of a full snapshot, until it is complete. @type {Row[] | null} */
  #fresh = null;

  /** @param {Book} book */
  constructor(book) {
    this.#book = book;
  }

  /** Begins with a new connection: the commands to send. */
  begin() {
    this.#caughtUp = this.#complete = false;
    this.#early = [];
    this.#determined = new WeakSet();
    this.#seq = this.#mismatches = 0;
    this.#fresh = null;
    // A resume from a history that no service has is answered with a snapshot, and tells that resumes are known.
    const resume = this.place ?? { epoch: "none", sequence: 0 };
    const positions = { channels: ["market_positions"], resume, extended: true };
    return [
      subscribe(POSITIONS, positions),
      subscribe(LIFECYCLE, { channels: ["market_lifecycle_v2"] }),
      subscribe(PORTFOLIO, { channels: ["portfolio"] }),
    ];
  }

  /**
   * Takes the next message. Throws Interrupted.
   * @param {any} message
   * @returns {News}
   */
  take(message) {
    const { type, msg } = message;
    switch (type) {
      case "market_position":
        this.#checkSeq(message.seq);
        this.#takeRow(msg, message.conflated ?? 0);
        return NOTHING;
      case "market_positions_snapshot":
        this.#checkSeq(message.seq);
        return this.#endCatchingUp(msg);
      case "portfolio":
        return this.#takeTotals(msg);
      case "market_lifecycle_v2":
        return this.#takeLifecycle(msg);
      case "subscribed":
        if (message.id === POSITIONS) this.#beginCatchingUp(msg);
        return NOTHING;
      case "error":
        throw refusedCommand(message);
      default:
        return NOTHING; // an answer to a probe, or a notice before a planned stop
    }
  }

  /** @param {any} msg */
  #beginCatchingUp(msg) {
    if (msg.recovered === undefined) {
      throw new Interrupted(
        "This service runs with --plain and has no extensions, which the dashboard needs. Start it without --plain.",
        true,
      );
    }
    this.#fresh = msg.recovered ? null : [];
  }

  /**
   * @param {any} msg
   * @param {number} merged
   */
  #takeRow(msg, merged) {
    const row = readRow(msg);
    if (this.#fresh !== null) {
      this.#fresh.push(row);
      return;
    }
    this.#book.takeRow(row, this.#caughtUp, merged);
    if (this.place !== null) this.place.sequence = Math.max(this.place.sequence, row.sequence);
  }

  /**
   * @param {any} msg
   * @returns {News}
   */
  #endCatchingUp(msg) {
    if (this.#fresh !== null) this.#book.replace(this.#fresh);
    this.#fresh = null;
    this.#caughtUp = true;
    this.place = { epoch: msg.epoch, sequence: msg.sequence };
    const early = this.#early.map((totals) => this.#takeTotals(totals));
    this.#early = [];
    return early.find(({ caughtUp }) => caughtUp) ?? NOTHING;
  }

  /**
   * @param {any} msg
   * @returns {News}
   */
  #takeTotals(msg) {
    if (!this.#caughtUp) {
      this.#early.push(msg);
      return NOTHING;
    }
    const shown = this.#book.takeTotals(msg);
    if (shown === null) {
      this.#mismatches += 1;
      if (this.#mismatches < MOST_MISMATCHES) return NOTHING;
      this.place = null; // everything is asked for again
      throw new Interrupted("The rows that the service told do not add up to its totals.");
    }
    this.#mismatches = 0;
    const caughtUp = !this.#complete;
    this.#complete = true;
    return { ...NOTHING, shown, caughtUp, endingsMissed: caughtUp };
  }

  /**
   * @param {any} msg
   * @returns {News}
   */
  #takeLifecycle({ market_ticker: ticker, event_type: event, result, settlement_value: value }) {
    const ending = this.#book.has(ticker); // markets of others end too
    if (event === "determined") {
      const determined = { result, value: value ?? null, settled: false };
      this.#determined.add(determined);
      this.#book.takeEnding(ticker, determined);
      return { ...NOTHING, ending };
    }
    const known = this.#book.endings.get(ticker);
    if (event !== "settled" || known?.settled) return NOTHING;
    if (known === undefined || !this.#determined.has(known)) return { ...NOTHING, settled: ending ? ticker : null };
    this.#book.takeEnding(ticker, { ...known, settled: true });
    return { ...NOTHING, ending };
  }

  /** @param {number} seq */
  #checkSeq(seq) {
    this.#seq += 1;
    if (seq !== this.#seq) throw new Interrupted("A message of the service went missing, or came twice.");
  }
}

/**
 * @param {number} id
 * @param {object} params
 */
function subscribe(id, params) {
  return JSON.stringify({ id, cmd: "subscribe", params });
}

/** @param {any} message */
function refusedCommand({ msg }) {
  const detail = msg?.detail ? ` (${msg.detail})` : "";
  return new Interrupted(`The service refused a subscription: ${msg?.msg ?? "no reason given"}${detail}.`);
}
