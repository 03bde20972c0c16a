// @ts-check
/** The chart of profit and loss over time. */

import { setText } from "./elements.js";
import { drawPoints, erase, loadPlotly } from "./plot.js";
import { Refused } from "./requests.js";
import { askUntilAnswered } from "./retries.js";
import { Series } from "./series.js";

/**
 * @typedef {import("./book.js").Totals} Totals
 * @typedef {import("./signing.js").Signer} Signer
 */

const HOUR_MS = 3_600_000;

/** How much of the past is shown, and the lengths of a span to ask for: the next where there would be too many. */
const RANGES = /** @type {Record<string, {backMs: number | null, every: [string, number][]}>} */ ({
  hour: {
    backMs: HOUR_MS,
    every: [
      ["10s", 10_000],
      ["1m", 60_000],
      ["10m", 600_000],
    ],
  },
  day: {
    backMs: 24 * HOUR_MS,
    every: [
      ["5m", 300_000],
      ["1h", HOUR_MS],
    ],
  },
  week: {
    backMs: 168 * HOUR_MS,
    every: [
      ["1h", HOUR_MS],
      ["12h", 12 * HOUR_MS],
    ],
  },
  all: {
    backMs: null,
    every: [
      ["1h", HOUR_MS],
      ["1d", 24 * HOUR_MS],
      ["30d", 720 * HOUR_MS],
    ],
  },
});

const PATH = "/v1/pnl/history";

const NAME = "Profit and loss over time";

const UNMARKED = "Total and unrealized are unknown while an open market has no mark.";

// Drawing takes some 30 ms.
const DRAW_EVERY_MS = 1_000;

export class ChartView {
  #place;
  #note;
  #signer;
  #styleIds;
  #series = new Series(1);
  #range = "hour";
  /** @type {Totals | null} */
  #totals = null;
  /** The read that is under way, and makes earlier ones void. */
  #read = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #ended = new AbortController();
  /** Why the past is not there. */
  #failure = "";

  /**
   * @param {{place: HTMLElement, note: HTMLElement}} elements
   * @param {Signer} signer
   * @param {readonly string[]} styleIds that the chart library is to find in the page
   */
  constructor({ place, note }, signer, styleIds) {
    this.#styleIds = styleIds;
    this.#place = place;
    this.#note = note;
    this.#signer = signer;
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const { signal } = this.#ended;
    scheme.addEventListener("change", () => this.#drawSoon(), { signal });
    document.addEventListener("visibilitychange", () => this.#drawSoon(0), { signal });
  }

  /** Reads the past once more: a connection may have missed some of it. */
  async reload() {
    const read = ++this.#read;
    try {
      const found = await this.#readPoints(() => read === this.#read);
      if (found === null) return;
      this.#failure = "";
      setText(this.#note, "");
      this.#series = new Series(found.everyMs);
      this.#series.load(found.points);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#fail(error);
    }
    if (this.#totals !== null) this.#series.take(this.#totals);
    this.#drawSoon(0);
  }

  /** @param {Refused} refused */
  #fail(refused) {
    this.#failure = `The past could not be read: ${refused.message}`;
    setText(this.#note, this.#failure);
  }

  /** @param {string} range */
  choose(range) {
    this.#range = range;
    void this.reload();
  }

  /** @param {Totals} totals */
  take(totals) {
    this.#totals = totals;
    this.#series.take(totals);
    this.#drawSoon();
  }

  /** Ends it, and leaves nothing of it in the page. */
  stop() {
    this.#read += 1;
    clearTimeout(this.#timer);
    this.#ended.abort();
    erase(this.#place);
    this.#place.setAttribute("aria-label", NAME);
    delete this.#place.dataset.points;
    delete this.#place.dataset.total;
    setText(this.#note, "");
  }

  /**
   * Those of the range, with the length of their spans; null once they are not wanted any more. Throws Refused.
   * @param {() => boolean} isWanted
   * @returns {Promise<{everyMs: number, points: any[]} | null>}
   */
  async #readPoints(isWanted) {
    const { backMs, every } = RANGES[this.#range];
    const last = every[every.length - 1];
    for (const [text, everyMs] of every) {
      /** @type {Record<string, string>} */
      const query = { every: text };
      if (backMs !== null) query.since = String(Math.max(0, (this.#totals?.ts_ms || Date.now()) - backMs));
      try {
        const answer = await askUntilAnswered(this.#signer, PATH, query, isWanted, (refused) => this.#fail(refused));
        return answer === null ? null : { everyMs, points: answer.points };
      } catch (error) {
        const isTooMany = error instanceof Refused && error.status === 400;
        if (!isTooMany || text === last[0]) throw error;
      }
    }
    throw new Error("a range has a span");
  }

  /** @param {number} [delayMs] */
  #drawSoon(delayMs = DRAW_EVERY_MS) {
    if (this.#timer !== undefined && delayMs > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#draw();
    }, delayMs);
  }

  async #draw() {
    const { points } = this.#series;
    const { signal } = this.#ended;
    if (points.length === 0 || document.hidden || signal.aborted) return;
    try {
      const plotly = await loadPlotly(this.#styleIds);
      if (signal.aborted) return;
      await drawPoints(plotly, this.#place, points, RANGES[this.#range].backMs);
      if (signal.aborted) return;
    } catch (error) {
      if (signal.aborted) return;
      setText(this.#note, `The chart cannot be drawn: ${error instanceof Error ? error.message : error}.`);
      return;
    }
    const { total, realized, unrealized } = points[points.length - 1];
    this.#place.setAttribute(
      "aria-label",
      `${NAME}, ${points.length} points; the last: total ${total ?? "unknown"}, ` +
        `realized ${realized}, unrealized ${unrealized ?? "unknown"}`,
    );
    setText(this.#note, this.#failure || (total === null ? UNMARKED : ""));
    this.#place.dataset.points = String(points.length);
    this.#place.dataset.total = total ?? "";
  }
}
