// @ts-check
/** The sums of the portfolio, exactly as the service sent them. */

import { toneOf } from "./columns.js";
import { MONEY_DECIMALS, parseFixed } from "./decimal.js";
import { UNKNOWN, make, setAttribute, setText } from "./elements.js";

/** @typedef {import("./book.js").Totals} Totals */

// Names of unmarked markets that are spelt out; the others are counted, and all stand in the title.
const NAMED = 3;
const MOST_IN_TITLE = 200;

/** @type {readonly [string, string, (totals: Totals) => string | null, boolean][]} */
const TILES = [
  ["realized", "Realized", (totals) => totals.realized_pnl_dollars, true],
  ["unrealized", "Unrealized", (totals) => totals.unrealized_pnl_dollars, true],
  ["fees", "Fees", (totals) => totals.fees_paid_dollars, false],
  ["exposure", "Exposure", (totals) => totals.exposure_dollars, false],
  ["value", "Market value", (totals) => totals.market_value_dollars, false],
  ["open", "Open markets", (totals) => String(totals.open_markets), false],
];

export class TotalsView {
  /** @type {Map<string, HTMLElement>} */
  #values = new Map();
  #unmarked = make("p", "unmarked");

  /** @param {HTMLElement} place */
  constructor(place) {
    const list = make("dl");
    for (const [name, title] of TILES) {
      const tile = make("div", "tile");
      const value = make("dd", "", UNKNOWN);
      value.dataset.total = name;
      tile.append(make("dt", "", title), value);
      list.append(tile);
      this.#values.set(name, value);
    }
    this.#unmarked.dataset.total = "unmarked";
    place.replaceChildren(list, this.#unmarked);
  }

  /** @param {Totals} totals */
  show(totals) {
    const unmarked = totals.unmarked_markets;
    for (const [name, , amountOf, isProfit] of TILES) {
      const value = /** @type {HTMLElement} */ (this.#values.get(name));
      const amount = amountOf(totals);
      setText(value, amount ?? UNKNOWN);
      setAttribute(value, "data-tone", isProfit && amount !== null ? toneOf(parseFixed(amount, MONEY_DECIMALS)) : "");
      setAttribute(value, "title", amount === null ? "Unknown: no open market has a mark" : "");
      setAttribute(value, "aria-label", amount === null ? "unknown" : "");
    }
    setText(this.#unmarked, unmarkedText(unmarked));
    setAttribute(this.#unmarked, "title", unmarked.slice(0, MOST_IN_TITLE).join(", "));
    this.#unmarked.hidden = unmarked.length === 0;
  }
}

/** @param {string[]} tickers */
function unmarkedText(tickers) {
  const count = tickers.length;
  if (count === 0) return "";
  const more = count > NAMED ? ` and ${count - NAMED} more` : "";
  const names = tickers.slice(0, NAMED).join(", ") + more;
  return `Without a mark, so not in market value and unrealized: ${names}`;
}
