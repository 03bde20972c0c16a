// @ts-check
/** Which lines are shown, in which order. Pure. */

import { COLUMNS } from "./columns.js";
import { compare } from "./decimal.js";
import { isOpen } from "./lines.js";

/** @typedef {import("./lines.js").Line} Line */

/**
 * @typedef {object} Wanted
 * @property {"open" | "settled" | "all"} which
 * @property {string} filter
 * @property {string} sortedBy the name of a column
 * @property {boolean} descending
 */

/** @type {Record<Wanted["which"], (line: Line) => boolean>} */
const KINDS = {
  open: isOpen,
  settled: (line) => line.ending?.settled === true,
  all: () => true,
};

/**
 * How many lines there are of each kind.
 * @param {Iterable<Line>} lines
 */
export function countKinds(lines) {
  const counts = { open: 0, settled: 0, all: 0 };
  for (const line of lines) {
    counts.open += Number(KINDS.open(line));
    counts.settled += Number(KINDS.settled(line));
    counts.all += 1;
  }
  return counts;
}

/**
 * The lines that are wanted, in their order: what is unknown last, equals by market and subaccount.
 * @param {Iterable<Line>} lines
 * @param {Wanted} wanted
 * @returns {Line[]}
 */
export function select(lines, { which, filter, sortedBy, descending }) {
  const isKind = KINDS[which];
  const words = filter.toUpperCase().split(/\s+/).filter(Boolean);
  const column = COLUMNS.find(({ name }) => name === sortedBy) ?? COLUMNS[0];
  /** @type {{line: Line, key: any}[]} */
  const found = [];
  for (const line of lines) {
    if (isKind(line) && matches(line, words)) found.push({ line, key: column.sortKey(line) });
  }
  const direction = descending ? -1 : 1;
  found.sort((one, other) => {
    if (one.key === null || other.key === null) {
      if (one.key !== other.key) return one.key === null ? 1 : -1;
    } else {
      const order = compare(one.key, other.key);
      if (order !== 0) return order * direction;
    }
    return byMarket(one.line, other.line);
  });
  return found.map(({ line }) => line);
}

/**
 * @param {Line} line
 * @param {string[]} words in capitals, all of which the ticker has to hold
 */
function matches({ row }, words) {
  const ticker = row.ticker.toUpperCase();
  return words.every((word) => ticker.includes(word));
}

/**
 * @param {Line} one
 * @param {Line} other
 */
function byMarket({ row: one }, { row: other }) {
  return compare(one.ticker, other.ticker) || compare(one.subaccount, other.subaccount);
}
