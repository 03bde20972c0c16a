// @ts-check
/** The chart of profit and loss over time. */

import { setText } from "./elements.js";
import { drawPoints, erase, loadPlotly } from "./plot.js";
import { Refused, ask } from "./requests.js";
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

// A service that is busy with other reads is asked again.
const AGAIN_MS = 5_000;

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
    document.addEventListener("visibilitychange", () => this.#drawSoon(), { signal });
  }

  /** Reads the past once more: a connection may have missed some of it. */
  async reload() {
    const read = ++this.#read;
    this.#failure = "";
    try {
      const { everyMs, points } = await this.#readPoints();
      if (read !== this.#read) return;
      this.#series = new Series(everyMs);
      this.#series.load(points);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (read !== this.#read) return;
      this.#failure = `The past could not be read: ${error.message}`;
      if (!error.final) setTimeout(() => read === this.#read && void this.reload(), AGAIN_MS);
    }
    if (this.#totals !== null) this.#series.take(this.#totals);
    this.#drawSoon(0);
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
  }

  async #readPoints() {
    const { backMs, every } = RANGES[this.#range];
    const last = every[every.length - 1];
    for (const [text, everyMs] of every) {
      /** @type {Record<string, string>} */
      const query = { every: text };
      if (backMs !== null) query.since = String(Math.max(0, (this.#totals?.ts_ms || Date.now()) - backMs));
      try {
        const { points } = await ask(this.#signer, "GET", "/v1/pnl/history", query);
        return { everyMs, points };
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
    if (points.length === 0 || document.hidden || this.#ended.signal.aborted) return;
    try {
      await drawPoints(await loadPlotly(this.#styleIds), this.#place, points, RANGES[this.#range].backMs);
    } catch (error) {
      setText(this.#note, `The chart cannot be drawn: ${error instanceof Error ? error.message : error}.`);
      return;
    }
    const { total, realized, unrealized } = points[points.length - 1];
    this.#place.setAttribute(
      "aria-label",
      `Profit and loss over time, ${points.length} points; the last: total ${total ?? "unknown"}, ` +
        `realized ${realized}, unrealized ${unrealized ?? "unknown"}`,
    );
    setText(this.#note, this.#failure || (total === null ? UNMARKED : ""));
    this.#place.dataset.points = String(points.length);
    this.#place.dataset.total = total ?? "";
  }
}
