// @ts-check
/** Exact decimals as whole numbers of their smallest unit. No number with a fraction ever touches money. */

export const COUNT_DECIMALS = 2;
export const PRICE_DECIMALS = 4;
export const MONEY_DECIMALS = 6;

/** What a contract pays, in units of a price. */
const ONE_DOLLAR = 10_000n;

const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;

/**
 * A decimal in units of its last place. Throws RangeError for what is none, or has more places.
 * @param {string} text
 * @param {number} decimals
 * @returns {bigint}
 */
export function parseFixed(text, decimals) {
  const [, sign, whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined || fraction.length > decimals) {
    throw new RangeError(`${JSON.stringify(text)} is no decimal of up to ${decimals} places`);
  }
  const units = BigInt(whole + fraction.padEnd(decimals, "0"));
  return sign ? -units : units;
}

/**
 * The text of a decimal, with all of its places.
 * @param {bigint} units
 * @param {number} decimals
 */
export function formatFixed(units, decimals) {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/**
 * Money as the service writes it: 4 places, and up to 6 where the value needs them.
 * @param {bigint} micros
 */
export function formatMoney(micros) {
  return formatFixed(micros, MONEY_DECIMALS).replace(/0{1,2}$/, "");
}

/**
 * The same with its sign, for a difference.
 * @param {bigint} micros
 */
export function formatDifference(micros) {
  return (micros > 0n ? "+" : "") + formatMoney(micros);
}

/**
 * What a position is worth, in millionths of a dollar: contracts times the price of the side held.
 * @param {bigint} positionCenti contracts / 100, NO negative
 * @param {bigint} yesPrice dollars / 10,000 of a YES
 */
export function valueAt(positionCenti, yesPrice) {
  return positionCenti < 0n ? -positionCenti * (ONE_DOLLAR - yesPrice) : positionCenti * yesPrice;
}

/**
 * The cost of one contract in 1/10,000 dollar, half to even; `exact` tells whether nothing was rounded. Not of 0.
 * @param {bigint} costMicros
 * @param {bigint} positionCenti
 */
export function averagePrice(costMicros, positionCenti) {
  const count = positionCenti < 0n ? -positionCenti : positionCenti;
  const price = costMicros / count;
  const twice = (costMicros % count) * 2n;
  const up = twice > count || (twice === count && price % 2n === 1n);
  return { price: up ? price + 1n : price, exact: twice === 0n };
}

/**
 * Order of two of the same kind.
 * @template {bigint | number | string} T
 * @param {T} one
 * @param {T} other
 */
export function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
