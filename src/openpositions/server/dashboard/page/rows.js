// @ts-check
/** One row of one market and subaccount, as a frame or a read tells it. Texts are the service's own; all is exact. */

import { COUNT_DECIMALS, MONEY_DECIMALS, formatMoney, parseFixed } from "./decimal.js";

/**
 * @typedef {object} Row
 * @property {string} key
 * @property {string} ticker
 * @property {number} subaccount
 * @property {string} position contracts, NO negative
 * @property {string} cost
 * @property {string} realized
 * @property {string} fees
 * @property {string} volume
 * @property {bigint} positionCenti
 * @property {bigint} costMicros
 * @property {bigint} realizedMicros
 * @property {bigint} feesMicros
 * @property {bigint} volumeCenti
 * @property {number} sequence
 * @property {number} tsMs
 * @property {{type: string, id: string} | null} cause null where it was not told
 */

/**
 * The key of a row: its market and its subaccount.
 * @param {string} ticker
 * @param {number} subaccount
 */
export function rowKey(ticker, subaccount) {
  return `${ticker} ${subaccount}`; // a ticker has no spaces
}

/**
 * The row in the `msg` of a `market_position` frame, or in a read of the past.
 * @param {Record<string, any>} message
 * @returns {Row}
 */
export function readRow(message) {
  const subaccount = message.subaccount ?? 0;
  const costMicros = parseFixed(message.position_cost_dollars, MONEY_DECIMALS);
  const realizedMicros = parseFixed(message.realized_pnl_dollars, MONEY_DECIMALS);
  const feesMicros = parseFixed(message.fees_paid_dollars, MONEY_DECIMALS);
  return {
    key: rowKey(message.market_ticker, subaccount),
    ticker: message.market_ticker,
    subaccount,
    position: message.position_fp,
    // Reads write six places, frames four and what the value needs: the same number gets the same text.
    cost: formatMoney(costMicros),
    realized: formatMoney(realizedMicros),
    fees: formatMoney(feesMicros),
    volume: message.volume_fp,
    positionCenti: parseFixed(message.position_fp, COUNT_DECIMALS),
    costMicros,
    realizedMicros,
    feesMicros,
    volumeCenti: parseFixed(message.volume_fp, COUNT_DECIMALS),
    sequence: message.sequence,
    tsMs: message.ts_ms,
    cause: message.cause ?? null,
  };
}
