// @ts-check
/** What a line of the table says: a row, valued at the mark of its market, and how that market ended. Pure. */

import { PRICE_DECIMALS, averagePrice, formatFixed, formatMoney, parseFixed, valueAt } from "./decimal.js";

/** @typedef {import("./rows.js").Row} Row */

/**
 * How a market ended, or will: `value` is that of a YES, null for `void`.
 * @typedef {object} Ending
 * @property {string} result
 * @property {string | null} value
 * @property {boolean} settled
 */

/**
 * @typedef {object} Line
 * @property {Row} row
 * @property {Ending | null} ending
 * @property {string | null} mark of a YES; null is unknown, or of no use as nothing is held
 * @property {bigint | null} markPrice
 * @property {bigint | null} averagePrice null while nothing is held
 * @property {boolean} averageIsExact
 * @property {string | null} average
 * @property {bigint | null} valueMicros null is unknown
 * @property {string | null} value
 * @property {bigint | null} unrealizedMicros
 * @property {string | null} unrealized
 */

/**
 * @param {Row} row
 * @param {string | null} mark of a YES, as the service sent it
 * @param {Ending | null} ending
 * @returns {Line}
 */
export function lineOf(row, mark, ending) {
  const isOpen = row.positionCenti !== 0n;
  const markPrice = isOpen && mark !== null ? parseFixed(mark, PRICE_DECIMALS) : null;
  const average = isOpen ? averagePrice(row.costMicros, row.positionCenti) : null;
  const valueMicros = !isOpen ? 0n : markPrice === null ? null : valueAt(row.positionCenti, markPrice);
  const unrealizedMicros = valueMicros === null ? null : valueMicros - row.costMicros;
  return {
    row,
    ending,
    mark: markPrice === null ? null : mark,
    markPrice,
    averagePrice: average?.price ?? null,
    averageIsExact: average?.exact ?? true,
    average: average === null ? null : formatFixed(average.price, PRICE_DECIMALS),
    valueMicros,
    value: valueMicros === null ? null : formatMoney(valueMicros),
    unrealizedMicros,
    unrealized: unrealizedMicros === null ? null : formatMoney(unrealizedMicros),
  };
}

/**
 * Whether anything is held in it.
 * @param {Line} line
 */
export function isOpen(line) {
  return line.row.positionCenti !== 0n;
}

/**
 * How a market ended, in words; empty while it did not.
 * @param {Ending | null} ending
 */
export function endingText(ending) {
  if (ending === null) return "";
  const value = ending.result === "scalar" && ending.value !== null ? ` ${ending.value}` : "";
  return `${ending.settled ? "settled" : "determined"} ${ending.result}${value}`;
}
