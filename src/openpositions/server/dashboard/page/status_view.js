// @ts-check
/** Whether what is shown is what is: the state of the connection, and how old the last news is. */

import { setAttribute, setText } from "./elements.js";
import { ageText, clockText, isoText } from "./times.js";

/**
 * @typedef {import("./session.js").Phase} Phase
 * @typedef {import("./book.js").Totals} Totals
 */

const TITLE = "openpositions";

/** @type {Record<Phase, string>} */
const NAMES = {
  connecting: "Connecting",
  live: "Live",
  stale: "Stale",
  reconnecting: "Reconnecting",
  ended: "Ended",
};

export class StatusView {
  #elements;
  /** When a sequence was shown first, by the clock of `performance`. */
  #newsAt = 0;
  #sequence = -1;
  /** Since when what is shown is not known to be so. */
  #lostAtMs = 0;

  /** @param {{state: HTMLElement, asOf: HTMLElement, notice: HTMLElement}} elements */
  constructor(elements) {
    this.#elements = elements;
  }

  /**
   * @param {Phase} phase
   * @param {string} sentence
   */
  show(phase, sentence) {
    const { state, notice } = this.#elements;
    if (phase === "live") this.#lostAtMs = 0;
    else this.#lostAtMs ||= Date.now();
    setAttribute(document.documentElement, "data-phase", phase);
    setText(state, NAMES[phase]);
    // A page behind others is known by its title only.
    document.title = phase === "live" ? TITLE : `${NAMES[phase]} \u00b7 ${TITLE}`;
    const isTold = sentence !== "";
    notice.hidden = !isTold;
    if (isTold) setText(notice, `${sentence} ${consequence(phase)} Not live since ${clockText(this.#lostAtMs, Date.now())}.`);
  }

  /**
   * @param {Totals | null} totals
   * @param {number | null} heardAt by the clock of `performance`
   */
  tick(totals, heardAt) {
    if (totals === null) return;
    const now = performance.now();
    if (totals.sequence !== this.#sequence) {
      this.#sequence = totals.sequence;
      this.#newsAt = now;
    }
    const { asOf, state } = this.#elements;
    const when = totals.ts_ms ? ` · ${clockText(totals.ts_ms, Date.now())}` : "";
    setText(asOf, `sequence ${totals.sequence}${when} · news ${ageText(now - this.#newsAt)} ago`);
    setAttribute(asOf, "title", totals.ts_ms ? `Newest row or mark: ${isoText(totals.ts_ms)}` : "");
    setAttribute(state, "title", heardAt === null ? "" : `Heard from the service ${ageText(now - heardAt)} ago`);
  }
}

/** @param {Phase} phase */
function consequence(phase) {
  if (phase === "reconnecting") return "Trying again; until then the numbers are the last that were told.";
  return phase === "ended" ? "The numbers are the last that were told." : "";
}
