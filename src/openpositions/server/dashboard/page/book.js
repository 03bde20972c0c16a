// @ts-check
/**
 * What is known of the portfolio, and what of it is shown. Pure: no socket, no clock, no page.
 *
 * The service tells rows as they change, and totals a moment later. What is shown changes only when both belong
 * together: no row is newer than the totals, and the costs of the rows add up to the exposure. So the table and its
 * totals never disagree.
 */

import { MONEY_DECIMALS, parseFixed } from "./decimal.js";
import { lineOf } from "./lines.js";

/**
 * @typedef {import("./rows.js").Row} Row
 * @typedef {import("./lines.js").Line} Line
 * @typedef {import("./lines.js").Ending} Ending
 */

/**
 * The `msg` of a `portfolio` frame.
 * @typedef {object} Totals
 * @property {string} user_id
 * @property {number} sequence
 * @property {number} ts_ms
 * @property {string} realized_pnl_dollars
 * @property {string | null} unrealized_pnl_dollars
 * @property {string} fees_paid_dollars
 * @property {string} exposure_dollars
 * @property {string | null} market_value_dollars
 * @property {number} open_markets
 * @property {string[]} unmarked_markets
 * @property {{market_ticker: string, mark_price_dollars: string | null}[]} markets
 */

/**
 * A row that was replaced, for the list of changes.
 * @typedef {object} Change
 * @property {Row | null} before null where it was flat and nothing else is known of it
 * @property {Row} after
 * @property {boolean} isLive false where it was learnt on coming back: what came between is not known one by one
 * @property {number} merged how many changes before it were merged into it
 */

/**
 * What is shown otherwise than before.
 * @typedef {object} Shown
 * @property {Set<string>} rows keys of rows that were replaced
 * @property {Change[]} changes
 */

const MOST_STRANGERS = 10_000;

export class Book {
  /** What is shown, by key. @type {Map<string, Line>} */
  lines = new Map();
  /** @type {Totals | null} */
  totals = null;
  /** Of markets that ended. @type {Map<string, Ending>} */
  endings = new Map();

  /** Every row as it was told last. @type {Map<string, Row>} */
  #told = new Map();
  /** Of a market, the keys of its rows. @type {Map<string, Set<string>>} */
  #ofMarket = new Map();
  /** @type {Map<string, string | null>} */
  #marks = new Map();
  /** Rows that were told and are not shown yet. @type {Map<string, Change>} */
  #waiting = new Map();
  /** Markets to be shown anew. @type {Set<string>} */
  #moved = new Set();
  /** Markets that ended and in which nothing was ever held. @type {Set<string>} */
  #strangers = new Set();
  /** Keys of shown lines that are in the book no more. @type {Set<string>} */
  #gone = new Set();
  #exposure = 0n;
  /** Of a market, in how many subaccounts anything is held. @type {Map<string, number>} */
  #held = new Map();

  /** How many rows there are, whatever is shown. */
  get size() {
    return this.#told.size;
  }

  /**
   * Whether there are rows of a market.
   * @param {string} ticker
   */
  has(ticker) {
    return this.#ofMarket.has(ticker);
  }

  /**
   * Takes a row that a frame told; one that is not newer than what is known changes nothing.
   * @param {Row} row
   * @param {boolean} isLive
   * @param {number} merged
   */
  takeRow(row, isLive, merged) {
    const known = this.#told.get(row.key);
    if (known !== undefined && known.sequence >= row.sequence) return;
    this.#store(row);
    const waiting = this.#waiting.get(row.key);
    const before = waiting === undefined ? known ?? null : waiting.before;
    this.#waiting.set(row.key, {
      before,
      after: row,
      isLive: isLive && (waiting?.isLive ?? true),
      merged: merged + (waiting === undefined ? 0 : waiting.merged + 1),
    });
  }

  /**
   * Takes a row of a read of the past, and how its market ended, and shows them at once: it is over, so no totals
   * belong to it. What is open, and what is later than the socket has told, comes by the socket.
   * @param {Row} row
   * @param {Ending | null} ending
   * @param {number} toldSequence
   */
  takePast(row, ending, toldSequence) {
    if (ending !== null) this.takeEnding(row.ticker, ending);
    if (this.#told.has(row.key) || row.sequence > toldSequence || row.positionCenti !== 0n) return;
    this.#store(row);
    this.lines.set(row.key, lineOf(row, null, this.endings.get(row.ticker) ?? null));
  }

  /**
   * Takes how a market ends. A settlement of what is held is shown when its rows and totals are.
   * @param {string} ticker
   * @param {Ending} ending
   */
  takeEnding(ticker, ending) {
    if (this.endings.get(ticker)?.settled && !ending.settled) return;
    this.endings.set(ticker, ending);
    if (!this.#ofMarket.has(ticker)) this.#rememberStranger(ticker);
    const keys = [...(this.#ofMarket.get(ticker) ?? [])];
    if (ending.settled && (this.#held.has(ticker) || keys.some((key) => this.#waiting.has(key)))) {
      this.#moved.add(ticker);
      return;
    }
    for (const key of keys) {
      const line = this.lines.get(key);
      if (line !== undefined) this.lines.set(key, lineOf(line.row, line.mark, ending));
    }
  }

  /**
   * Markets of others end too, and are told: a fill may still come. The oldest are forgotten.
   * @param {string} ticker
   */
  #rememberStranger(ticker) {
    this.#strangers.add(ticker);
    if (this.#strangers.size <= MOST_STRANGERS) return;
    const [oldest] = this.#strangers;
    this.#strangers.delete(oldest);
    if (!this.#ofMarket.has(oldest)) this.endings.delete(oldest);
  }

  /**
   * Takes totals, and shows what belongs to them. Null when rows and totals do not belong together.
   * @param {Totals} totals
   * @returns {Shown | null}
   */
  takeTotals(totals) {
    for (const { market_ticker: ticker, mark_price_dollars: mark } of totals.markets) {
      this.#marks.set(ticker, mark);
      this.#moved.add(ticker);
    }
    if (!this.#belongTogether(totals)) return null;
    this.totals = totals;
    return this.#show();
  }

  /**
   * Begins a book that holds these rows and nothing else: another history of the service, or the first there is.
   * @param {Row[]} rows
   */
  replace(rows) {
    this.endings.clear();
    this.#strangers.clear();
    this.#told.clear();
    this.#ofMarket.clear();
    this.#marks.clear();
    this.#waiting.clear();
    this.#moved.clear();
    this.#held.clear();
    this.#exposure = 0n;
    for (const row of rows) {
      this.#store(row);
      this.#moved.add(row.ticker);
    }
    this.#gone = new Set([...this.lines.keys()].filter((key) => !this.#told.has(key)));
  }

  /** @param {Row} row */
  #store(row) {
    const known = this.#told.get(row.key);
    this.#told.set(row.key, row);
    const ofMarket = this.#ofMarket.get(row.ticker);
    if (ofMarket === undefined) this.#ofMarket.set(row.ticker, new Set([row.key]));
    else ofMarket.add(row.key);
    this.#exposure += row.costMicros - (known?.costMicros ?? 0n);
    const held =
      (this.#held.get(row.ticker) ?? 0) +
      Number(row.positionCenti !== 0n) -
      Number(known !== undefined && known.positionCenti !== 0n);
    if (held) this.#held.set(row.ticker, held);
    else this.#held.delete(row.ticker);
  }

  /** @param {Totals} totals */
  #belongTogether(totals) {
    for (const { after } of this.#waiting.values()) {
      if (after.sequence > totals.sequence) return false;
    }
    return (
      parseFixed(totals.exposure_dollars, MONEY_DECIMALS) === this.#exposure && totals.open_markets === this.#held.size
    );
  }

  /** @returns {Shown} */
  #show() {
    const changes = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { after } of changes) this.#moved.add(after.ticker);
    for (const key of this.#gone) this.lines.delete(key);
    this.#gone.clear();
    for (const ticker of this.#moved) {
      for (const key of this.#ofMarket.get(ticker) ?? []) {
        const row = /** @type {Row} */ (this.#told.get(key));
        this.lines.set(key, lineOf(row, this.#marks.get(ticker) ?? null, this.endings.get(ticker) ?? null));
      }
    }
    this.#moved.clear();
    return { rows: new Set(changes.map(({ after }) => after.key)), changes };
  }
}
