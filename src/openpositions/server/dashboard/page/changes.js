// @ts-check
/** What a change did, in words and exact differences. Pure. */

import { formatDifference } from "./decimal.js";
import { endingText } from "./lines.js";

/**
 * @typedef {import("./book.js").Change} Change
 * @typedef {import("./lines.js").Ending} Ending
 */

/**
 * @typedef {object} Story
 * @property {string} ticker
 * @property {number} subaccount
 * @property {string} kind `fill`, `settlement`, `adjustment`, `bust`, or `missed`
 * @property {string} title
 * @property {string} detail
 * @property {{name: string, text: string, micros: bigint | null}[]} parts
 * @property {number} tsMs
 * @property {number} sequence
 */

/** What a row is that was never traded. */
const NOTHING = { position: "0.00", costMicros: 0n, realizedMicros: 0n, feesMicros: 0n };

/**
 * @param {Change} change
 * @param {Ending | null} ending of its market
 * @param {boolean} pastIsKnown whether a row that was never told was never traded
 * @returns {Story}
 */
export function tell(change, ending, pastIsKnown) {
  const { after, isLive, merged } = change;
  const isKnown = change.before !== null || pastIsKnown;
  const before = change.before ?? NOTHING;
  const cause = isLive ? after.cause : null;
  const kind = cause?.type ?? "missed";
  const others = merged ? ` and ${merged} changes before it` : "";
  return {
    ticker: after.ticker,
    subaccount: after.subaccount,
    kind,
    title: titleOf(kind, ending) + (merged ? ` +${merged}` : ""),
    detail: cause === null ? "Changed while this page was not connected" : `${cause.type} ${cause.id}${others}`,
    parts: [
      { name: "position", text: `${before.position} → ${after.position}`, micros: null },
      ...amount("cost", before.costMicros, after.costMicros),
      // Of a flat row that was never told, what it had realized and paid is not known.
      ...(isKnown ? amount("realized", before.realizedMicros, after.realizedMicros) : []),
      ...(isKnown ? amount("fees", before.feesMicros, after.feesMicros) : []),
    ],
    tsMs: after.tsMs,
    sequence: after.sequence,
  };
}

/**
 * @param {string} kind
 * @param {Ending | null} ending
 */
function titleOf(kind, ending) {
  if (kind === "settlement") return endingText(ending) || "settled";
  return kind === "missed" ? "while away" : kind;
}

/**
 * @param {string} name
 * @param {bigint} before
 * @param {bigint} after
 */
function amount(name, before, after) {
  if (before === after) return [];
  return [{ name, text: formatDifference(after - before), micros: after - before }];
}
