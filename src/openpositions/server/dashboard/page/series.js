// @ts-check
/** Profit and loss over time: what the service knows of the past, kept going with what it tells now. Pure. */

import { MONEY_DECIMALS, formatMoney, parseFixed } from "./decimal.js";

/** @typedef {import("./book.js").Totals} Totals */

/**
 * Exact texts; null is unknown, which is never drawn as 0.
 * @typedef {object} Point
 * @property {number} tsMs
 * @property {string} realized
 * @property {string | null} unrealized
 * @property {string | null} total
 * @property {boolean} isLive
 */

const MOST_POINTS = 10_000;

export class Series {
  /** @type {Point[]} */
  points = [];
  #everyMs;

  /** @param {number} everyMs the length of the spans that points stand at the ends of */
  constructor(everyMs) {
    this.#everyMs = everyMs;
  }

  /**
   * Begins with the points of a read.
   * @param {any[]} points
   */
  load(points) {
    this.points = points.map((point) => ({
      tsMs: point.ts_ms,
      realized: short(point.realized_pnl_dollars),
      unrealized: point.unrealized_pnl_dollars === null ? null : short(point.unrealized_pnl_dollars),
      total: point.total_pnl_dollars === null ? null : short(point.total_pnl_dollars),
      isLive: false,
    }));
  }

  /**
   * Takes what there is now: one point, which moves on to the end of its span and then stays.
   * @param {Totals} totals
   */
  take(totals) {
    const { ts_ms: tsMs, realized_pnl_dollars: realized, unmarked_markets: unmarked } = totals;
    if (!tsMs) return;
    // While an open market has no mark, what all are worth is unknown, as in the read of the past.
    const unrealized = unmarked.length > 0 ? null : totals.unrealized_pnl_dollars;
    const span = Math.floor(tsMs / this.#everyMs);
    const isReplaced = (/** @type {Point} */ last) =>
      last.tsMs >= tsMs || (last.isLive && Math.floor(last.tsMs / this.#everyMs) === span);
    while (this.points.length > 0 && isReplaced(this.points[this.points.length - 1])) this.points.pop();
    this.points.push({ tsMs, realized, unrealized, total: sum(realized, unrealized), isLive: true });
    if (this.points.length > MOST_POINTS) this.points.shift();
  }
}

/** @param {string} money */
function short(money) {
  return formatMoney(parseFixed(money, MONEY_DECIMALS));
}

/**
 * @param {string} realized
 * @param {string | null} unrealized
 */
function sum(realized, unrealized) {
  if (unrealized === null) return null;
  return formatMoney(parseFixed(realized, MONEY_DECIMALS) + parseFixed(unrealized, MONEY_DECIMALS));
}
