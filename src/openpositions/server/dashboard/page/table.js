// @ts-check
/** The table of positions: only the rows that are in view are in the page, however many there are. */

import { COLUMNS } from "./columns.js";
import { make, setAttribute } from "./elements.js";
import { RowView } from "./row_view.js";

/** @typedef {import("./lines.js").Line} Line */

// Rows above and below the view, so that scrolling does not show gaps.
const SPARE_ROWS = 8;

// How long a row is marked as changed.
const MARKED_MS = 1_600;

export class Table {
  /** @type {readonly Line[]} */
  #lines = [];
  /** Rows in the page, by key. @type {Map<string, RowView>} */
  #views = new Map();
  /** @type {RowView[]} */
  #spare = [];
  /** When rows changed, and how often. @type {Map<string, {until: number, count: number}>} */
  #marked = new Map();
  #body = make("tbody");
  #above = spacer();
  #below = spacer();
  #table = make("table");
  /** @type {Map<string, HTMLElement>} */
  #heads = new Map();
  #viewport;
  #draw;
  /** Draws when marks are over. @type {ReturnType<typeof setTimeout> | undefined} */
  #unmarking;

  /**
   * @param {HTMLElement} viewport scrolls
   * @param {(column: string) => void} sort
   * @param {() => void} draw asks for `draw` in the next frame
   * @param {AbortSignal} ended takes away what it listens to
   */
  constructor(viewport, sort, draw, ended) {
    this.#viewport = viewport;
    this.#draw = draw;
    this.#table.setAttribute("role", "table");
    this.#table.setAttribute("aria-label", "Positions");
    this.#table.setAttribute("aria-colcount", String(COLUMNS.length));
    this.#body.setAttribute("role", "rowgroup");
    this.#body.append(this.#above, this.#below);
    this.#table.append(this.#head(sort), this.#body);
    viewport.replaceChildren(this.#table);
    viewport.addEventListener("scroll", draw, { passive: true, signal: ended });
    const observer = new ResizeObserver(draw);
    observer.observe(viewport);
    ended.addEventListener("abort", () => {
      observer.disconnect();
      clearTimeout(this.#unmarking);
    });
  }

  /**
   * What it is to show, and how that is sorted.
   * @param {readonly Line[]} lines
   * @param {string} sortedBy
   * @param {boolean} descending
   */
  show(lines, sortedBy, descending) {
    this.#lines = lines;
    setAttribute(this.#table, "aria-rowcount", String(lines.length + 1));
    for (const [name, head] of this.#heads) {
      setAttribute(head, "aria-sort", name !== sortedBy ? "" : descending ? "descending" : "ascending");
    }
    this.#draw();
  }

  /**
   * Marks rows as changed for a moment.
   * @param {Iterable<string>} keys
   */
  mark(keys) {
    const until = performance.now() + MARKED_MS;
    for (const key of keys) this.#marked.set(key, { until, count: (this.#marked.get(key)?.count ?? 0) + 1 });
    clearTimeout(this.#unmarking);
    this.#unmarking = setTimeout(this.#draw, MARKED_MS + 20);
  }

  /** Puts the rows that are in view into the page. */
  draw() {
    const height = Number.parseFloat(getComputedStyle(this.#viewport).getPropertyValue("--row-height"));
    const first = Math.max(0, Math.floor(this.#viewport.scrollTop / height) - SPARE_ROWS);
    const count = Math.ceil(this.#viewport.clientHeight / height) + 2 * SPARE_ROWS;
    const start = Math.min(first, Math.max(0, this.#lines.length - count));
    const shown = this.#lines.slice(start, start + count);
    this.#release(new Set(shown.map(({ row }) => row.key)));
    const nowMs = Date.now();
    /** @type {Node} */
    let last = this.#above;
    shown.forEach((line, index) => {
      const view = this.#viewOf(line.row.key);
      view.show(line, start + index + 2, this.#markOf(line.row.key), nowMs);
      if (last.nextSibling !== view.element) this.#body.insertBefore(view.element, last.nextSibling);
      last = view.element;
    });
    setHeight(this.#above, start * height);
    setHeight(this.#below, (this.#lines.length - start - shown.length) * height);
  }

  /** @param {Set<string>} wanted keys of rows to keep */
  #release(wanted) {
    for (const [key, view] of this.#views) {
      if (wanted.has(key)) continue;
      view.element.remove();
      this.#views.delete(key);
      this.#spare.push(view);
    }
  }

  /** @param {string} key */
  #viewOf(key) {
    const view = this.#views.get(key) ?? this.#spare.pop() ?? new RowView();
    this.#views.set(key, view);
    return view;
  }

  /** @param {string} key */
  #markOf(key) {
    const marked = this.#marked.get(key);
    if (marked === undefined) return "";
    if (performance.now() >= marked.until) {
      this.#marked.delete(key);
      return "";
    }
    // Two names for the same look: the other one begins anew.
    return marked.count % 2 ? "changed" : "changed again";
  }

  /** @param {(column: string) => void} sort */
  #head(sort) {
    const head = make("thead");
    const row = make("tr");
    head.setAttribute("role", "rowgroup");
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", "1");
    for (const { name, title, explanation, isNumber } of COLUMNS) {
      const cell = make("th", isNumber ? "number" : "");
      const button = make("button", "", title);
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("scope", "col");
      cell.dataset.column = name;
      button.type = "button";
      button.title = explanation;
      button.addEventListener("click", () => sort(name));
      cell.append(button);
      row.append(cell);
      this.#heads.set(name, cell);
    }
    head.append(row);
    return head;
  }
}

function spacer() {
  const row = make("tr", "spacer");
  row.setAttribute("aria-hidden", "true");
  const cell = make("td");
  cell.colSpan = COLUMNS.length;
  row.append(cell);
  return row;
}

/**
 * @param {HTMLTableRowElement} row
 * @param {number} height
 */
function setHeight(row, height) {
  row.hidden = height <= 0;
  const cell = row.cells[0];
  const wanted = `${height}px`;
  if (cell.style.height !== wanted) cell.style.height = wanted;
}
