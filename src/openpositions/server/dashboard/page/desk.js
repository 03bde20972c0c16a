// @ts-check
/** The screen of somebody who signed in: puts what the session tells into the page, once a frame. */

import { tell } from "./changes.js";
import { ChartView } from "./chart_view.js";
import { COLUMNS } from "./columns.js";
import { byId, setAttribute, setText } from "./elements.js";
import { FeedView } from "./feed_view.js";
import { countKinds, select } from "./selection.js";
import { Session } from "./session.js";
import { StatusView } from "./status_view.js";
import { Table } from "./table.js";
import { TotalsView } from "./totals_view.js";

/**
 * @typedef {import("./signing.js").Signer} Signer
 * @typedef {import("./book.js").Shown} Shown
 */

const KINDS = /** @type {const} */ (["open", "settled", "all"]);

// What is filled in for somebody.
const FILLED = ["rows", "totals", "feed", "user", "state", "as-of", "notice", "extent", "order"];

export class Desk {
  /** @type {import("./selection.js").Wanted} */
  #wanted = { which: "open", filter: "", sortedBy: "market", descending: false };
  #isDrawing = false;
  #isChanged = false;
  /** Those in the page: a line about them must not run ahead. @type {import("./book.js").Totals | null} */
  #drawn = null;
  #signer;
  #session;
  #status;
  #table;
  #totals;
  #feed;
  /** @type {ChartView | null} */
  #chart = null;
  /** Takes away what this desk listens to in the page. */
  #ended = new AbortController();
  #ticking;

  /**
   * @param {Signer} signer
   * @param {readonly string[] | null} charts the styles that the chart library is to find; null where it is not there
   * @param {{live: () => void, ended: (sentence: string) => void}} told `ended` when it never was live
   */
  constructor(signer, charts, told) {
    this.#signer = signer;
    this.#session = new Session(signer, {
      phase: (phase, sentence) => {
        this.#status.show(phase, sentence);
        if (phase === "live") told.live();
        if (phase === "ended" && !this.#session.wasLive) told.ended(sentence);
      },
      shown: (shown) => this.#show(shown),
      past: () => this.#change(),
      caughtUp: () => void this.#chart?.reload(),
    });
    this.#status = new StatusView({
      state: byId("state", HTMLElement),
      asOf: byId("as-of", HTMLElement),
      notice: byId("notice", HTMLElement),
    });
    const draw = () => this.#drawSoon();
    this.#table = new Table(byId("rows", HTMLElement), (column) => this.#sort(column), draw, this.#ended.signal);
    this.#totals = new TotalsView(byId("totals", HTMLElement));
    this.#feed = new FeedView(byId("feed", HTMLElement), draw);
    if (charts !== null) {
      const elements = { place: byId("plot", HTMLElement), note: byId("chart-note", HTMLElement) };
      this.#chart = new ChartView(elements, signer, charts);
    }
    this.#listen();
    this.#ticking = setInterval(() => this.#tick(), 1_000);
    void this.#session.run();
  }

  /** Ends it, forgets the key, and leaves nothing that is known in the page. */
  stop() {
    this.#signer.forget();
    this.#session.stop();
    this.#chart?.stop();
    this.#ended.abort();
    clearInterval(this.#ticking);
    for (const id of FILLED) byId(id, HTMLElement).replaceChildren();
    for (const id of ["state", "as-of"]) byId(id, HTMLElement).removeAttribute("title");
    for (const which of KINDS) setText(byId(`count-${which}`, HTMLElement), "0");
    byId("filter", HTMLInputElement).value = "";
    byId("notice", HTMLElement).hidden = true;
    document.documentElement.removeAttribute("data-sequence");
  }

  #listen() {
    const { signal } = this.#ended;
    const filter = byId("filter", HTMLInputElement);
    filter.value = "";
    filter.addEventListener("input", () => this.#want({ filter: filter.value }), { signal });
    for (const which of KINDS) {
      const choice = byId(`show-${which}`, HTMLInputElement);
      choice.checked = which === this.#wanted.which;
      choice.addEventListener("change", () => this.#want({ which }), { signal });
    }
    const order = byId("order", HTMLSelectElement);
    order.replaceChildren(...COLUMNS.map(({ name, title }) => new Option(title, name)));
    order.addEventListener("change", () => this.#sort(order.value), { signal });
    byId("turn", HTMLButtonElement).addEventListener("click", () => this.#sort(this.#wanted.sortedBy), { signal });
    for (const choice of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[name="range"]'))) {
      choice.checked = choice.defaultChecked;
      choice.addEventListener("change", () => this.#chart?.choose(choice.value), { signal });
    }
    addEventListener("online", () => this.#session.hurry(), { signal });
  }

  /** @param {Shown} shown */
  #show({ rows, changes }) {
    const { book, past } = this.#session;
    this.#table.mark(rows);
    this.#feed.add(changes.map((change) => tell(change, book.endings.get(change.after.ticker) ?? null, past.complete)));
    if (book.totals !== null) this.#chart?.take(book.totals);
    this.#change();
  }

  /** @param {string} column */
  #sort(column) {
    const { sortedBy, descending } = this.#wanted;
    // Amounts begin with the largest, names with the first.
    const isNumber = COLUMNS.find(({ name }) => name === column)?.isNumber === true;
    this.#want({ sortedBy: column, descending: column === sortedBy ? !descending : isNumber });
  }

  /** @param {Partial<import("./selection.js").Wanted>} wanted */
  #want(wanted) {
    this.#wanted = { ...this.#wanted, ...wanted };
    this.#change();
  }

  #change() {
    this.#isChanged = true;
    this.#drawSoon();
  }

  #drawSoon() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      if (!this.#ended.signal.aborted) this.#draw();
    });
  }

  #draw() {
    if (this.#isChanged) this.#arrange();
    this.#table.draw();
    this.#feed.draw();
    this.#drawn = this.#session.book.totals;
    this.#tick();
  }

  /** Finds out which rows are shown, and in which order. */
  #arrange() {
    this.#isChanged = false;
    const { book, past } = this.#session;
    const lines = [...book.lines.values()];
    const { sortedBy, descending } = this.#wanted;
    const selected = select(lines, this.#wanted);
    this.#table.show(selected, sortedBy, descending);
    byId("order", HTMLSelectElement).value = sortedBy;
    setText(byId("turn", HTMLButtonElement), descending ? "\u2193" : "\u2191");
    const counts = countKinds(lines);
    for (const which of KINDS) setText(byId(`count-${which}`, HTMLElement), String(counts[which]));
    setText(byId("extent", HTMLElement), selected.length === 0 ? this.#emptiness() : past.sentence);
    if (book.totals !== null) {
      this.#totals.show(book.totals);
      setText(byId("user", HTMLElement), book.totals.user_id);
    }
  }

  #emptiness() {
    if (this.#wanted.filter !== "") return "No market has that in its ticker.";
    return { open: "Nothing is open.", settled: "No market has been settled.", all: "There are no positions yet." }[this.#wanted.which];
  }

  #tick() {
    this.#status.tick(this.#drawn, this.#session.heardAt);
    setAttribute(document.documentElement, "data-sequence", String(this.#drawn?.sequence ?? ""));
  }
}
