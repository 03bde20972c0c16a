// @ts-check
/** One row of the table in the page. It is used again for another line when its own has scrolled away. */

import { COLUMNS } from "./columns.js";
import { UNKNOWN, make, setAttribute, setText } from "./elements.js";

/**
 * @typedef {import("./columns.js").Cell} Cell
 * @typedef {import("./lines.js").Line} Line
 */

export class RowView {
  element = make("tr");
  key = "";
  /** @type {Line | null} */
  #line = null;
  #day = "";
  /** @type {{cell: HTMLElement, tag: HTMLElement, text: HTMLElement}[]} */
  #cells = [];

  constructor() {
    this.element.setAttribute("role", "row");
    for (const { name, title, isNumber } of COLUMNS) {
      const isHead = name === "market";
      const cell = make(isHead ? "th" : "td", isNumber ? "number" : "");
      cell.setAttribute("role", isHead ? "rowheader" : "cell");
      if (isHead) cell.setAttribute("scope", "row");
      cell.dataset.column = name;
      cell.dataset.title = title; // what a narrow page shows in place of the head of the table
      const [text, tag] = [make("span", "text"), make("span", "tag")];
      cell.append(...(isHead ? [text, tag] : [tag, text]));
      this.#cells.push({ cell, tag, text });
      this.element.append(cell);
    }
  }

  /**
   * @param {Line} line
   * @param {number} number of the row in the whole table, from 2: the head is the first
   * @param {string} mark how it is marked as changed; empty when it is not
   * @param {number} nowMs
   */
  show(line, number, mark, nowMs) {
    const { row } = line;
    setAttribute(this.element, "aria-rowindex", String(number));
    setAttribute(this.element, "class", mark);
    const day = new Date(nowMs).toDateString();
    if (this.#line === line && this.#day === day) return;
    this.#line = line;
    this.#day = day;
    this.key = row.key;
    this.element.dataset.ticker = row.ticker;
    this.element.dataset.subaccount = String(row.subaccount);
    COLUMNS.forEach((column, index) => fillCell(this.#cells[index], column.cell(line, nowMs)));
    const { text, cell } = this.#cells[0];
    setAttribute(cell, "title", `${row.ticker}, subaccount ${row.subaccount}`);
    setAttribute(text, "data-subaccount", row.subaccount ? `sub ${row.subaccount}` : "");
  }
}

/**
 * @param {{cell: HTMLElement, tag: HTMLElement, text: HTMLElement}} elements
 * @param {Cell} content
 */
function fillCell({ cell, tag, text }, { text: shown, why = "", tag: word = "", tone = "" }) {
  setText(text, shown ?? UNKNOWN);
  setText(tag, word);
  setAttribute(cell, "title", why);
  setAttribute(cell, "data-tone", tone);
  setAttribute(cell, "data-unknown", shown === null ? "yes" : "");
  // A dash says nothing when it is read aloud.
  setAttribute(text, "aria-label", shown === null ? why : "");
}
