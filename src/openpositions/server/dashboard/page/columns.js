// @ts-check
/** The columns of the table: what each shows of a line, and what it is sorted by. Pure. */

import { endingText } from "./lines.js";
import { clockText, isoText } from "./times.js";

/** @typedef {import("./lines.js").Line} Line */

/**
 * What a cell shows: null is unknown, or not there; `why` says which.
 * @typedef {object} Cell
 * @property {string | null} text
 * @property {string} [why]
 * @property {string} [tag] a word beside the text
 * @property {string} [tone] how the tag or the text is coloured
 */

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} title
 * @property {string} explanation
 * @property {boolean} isNumber
 * @property {(line: Line) => bigint | number | string | null} sortKey null comes last, whatever the order
 * @property {(line: Line, nowMs: number) => Cell} cell
 */

const NO_MARK = "Unknown: the service has no mark for this market";
const NOTHING_HELD = "Nothing is held";
const UNTOLD_CAUSE = "Not told: it was before this page connected";

/** @type {readonly Column[]} */
export const COLUMNS = [
  {
    name: "market",
    title: "Market",
    explanation: "Ticker, and the subaccount where it is not 0",
    isNumber: false,
    sortKey: ({ row }) => row.ticker,
    cell: ({ row, ending }) => ({ text: row.ticker, tag: endingText(ending), tone: "ending" }),
  },
  {
    name: "position",
    title: "Position",
    explanation: "Contracts held, NO negative",
    isNumber: true,
    sortKey: ({ row }) => row.positionCenti,
    cell: ({ row }) => ({ text: row.position, ...sideOf(row.positionCenti) }),
  },
  money("cost", "Cost", "What was paid for the contracts held, fees excluded", ({ row }) => [row.cost, row.costMicros]),
  {
    name: "average",
    title: "Avg price",
    explanation: "Cost of one contract of the side held",
    isNumber: true,
    sortKey: (line) => line.averagePrice,
    cell: (line) => {
      if (line.average === null) return { text: null, why: NOTHING_HELD };
      return { text: line.average, why: line.averageIsExact ? "" : "Rounded: cost divided by contracts" };
    },
  },
  {
    name: "mark",
    title: "Mark (YES)",
    explanation: "The price of a YES that the position is valued at",
    isNumber: true,
    sortKey: (line) => line.markPrice,
    cell: (line) => ({ text: line.mark, why: line.mark === null ? unvalued(line) : "" }),
  },
  valued("value", "Value", "Contracts at the mark of the side held", (line) => [line.value, line.valueMicros]),
  valued("unrealized", "Unrealized", "Value less cost", (line) => [line.unrealized, line.unrealizedMicros]),
  money("realized", "Realized", "Realized P&L, before fees", ({ row }) => [row.realized, row.realizedMicros], true),
  money("fees", "Fees", "All fees paid, opening and closing", ({ row }) => [row.fees, row.feesMicros]),
  {
    name: "volume",
    title: "Volume",
    explanation: "Contracts acquired, both sides",
    isNumber: true,
    sortKey: ({ row }) => row.volumeCenti,
    cell: ({ row }) => ({ text: row.volume }),
  },
  {
    name: "changed",
    title: "Changed",
    explanation: "When the row last changed",
    isNumber: true,
    sortKey: ({ row }) => row.tsMs,
    cell: ({ row }, nowMs) => ({
      text: clockText(row.tsMs, nowMs),
      why: `${isoText(row.tsMs)}, sequence ${row.sequence}`,
    }),
  },
  {
    name: "cause",
    title: "Cause",
    explanation: "What changed it last",
    isNumber: false,
    sortKey: ({ row }) => row.cause?.type ?? null,
    cell: ({ row }) =>
      row.cause === null ? { text: null, why: UNTOLD_CAUSE } : { text: row.cause.type, why: row.cause.id },
  },
];

/**
 * @param {bigint} positionCenti
 * @returns {{tag: string, tone: string}}
 */
export function sideOf(positionCenti) {
  if (positionCenti === 0n) return { tag: "", tone: "" };
  return positionCenti > 0n ? { tag: "YES", tone: "yes" } : { tag: "NO", tone: "no" };
}

/**
 * How an amount of profit or loss is coloured.
 * @param {bigint | null} micros
 */
export function toneOf(micros) {
  return micros === null || micros === 0n ? "" : micros > 0n ? "gain" : "loss";
}

/** @param {Line} line */
function unvalued(line) {
  return line.row.positionCenti === 0n ? NOTHING_HELD : NO_MARK;
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string} explanation
 * @param {(line: Line) => [string, bigint]} amount
 * @param {boolean} [isProfit]
 * @returns {Column}
 */
function money(name, title, explanation, amount, isProfit = false) {
  return {
    name,
    title,
    explanation,
    isNumber: true,
    sortKey: (line) => amount(line)[1],
    cell: (line) => {
      const [text, micros] = amount(line);
      return { text, tone: isProfit ? toneOf(micros) : "" };
    },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string} explanation
 * @param {(line: Line) => [string | null, bigint | null]} amount
 * @returns {Column}
 */
function valued(name, title, explanation, amount) {
  return {
    name,
    title,
    explanation,
    isNumber: true,
    sortKey: (line) => amount(line)[1],
    cell: (line) => {
      const [text, micros] = amount(line);
      const tone = name === "unrealized" ? toneOf(micros) : "";
      return text === null ? { text, why: NO_MARK } : { text, tone };
    },
  };
}
