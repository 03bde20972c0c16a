// @ts-check
/** What changed lately, newest first, and why. */

import { toneOf } from "./columns.js";
import { make } from "./elements.js";
import { clockText, isoText } from "./times.js";

/** @typedef {import("./changes.js").Story} Story */

const MOST = 100;

export class FeedView {
  #list = make("ol");
  #empty = make("p", "empty", "Nothing has changed since this page connected.");
  /** Newest last. @type {Story[]} */
  #waiting = [];
  #draw;

  /**
   * @param {HTMLElement} place
   * @param {() => void} draw asks for `draw` in the next frame
   */
  constructor(place, draw) {
    this.#draw = draw;
    place.replaceChildren(this.#empty, this.#list);
  }

  /** @param {Story[]} stories oldest first */
  add(stories) {
    if (stories.length === 0) return;
    // Of a flood only the end is ever seen.
    this.#waiting = [...this.#waiting, ...stories].slice(-MOST);
    this.#draw();
  }

  /** Puts what came into the page. */
  draw() {
    if (this.#waiting.length === 0) return;
    this.#empty.hidden = true;
    this.#list.prepend(...this.#waiting.reverse().map(item));
    this.#waiting = [];
    while (this.#list.childElementCount > MOST) this.#list.lastElementChild?.remove();
  }
}

/** @param {Story} story */
function item(story) {
  const entry = make("li");
  entry.dataset.kind = story.kind;
  entry.dataset.ticker = story.ticker;
  const time = make("time", "", clockText(story.tsMs, Date.now()));
  time.dateTime = isoText(story.tsMs);
  time.title = `${isoText(story.tsMs)}, sequence ${story.sequence}`;
  const kind = make("span", "kind", story.title);
  kind.title = story.detail;
  const market = make("span", "ticker", story.ticker);
  market.title = story.ticker;
  const head = make("div", "head");
  head.append(kind, market, ...(story.subaccount ? [make("span", "subaccount", `sub ${story.subaccount}`)] : []), time);
  const parts = make("div", "parts");
  for (const { name, text, micros } of story.parts) {
    const part = make("span", "part");
    const value = make("b", "", text);
    if (name === "realized") value.dataset.tone = toneOf(micros);
    part.append(`${name} `, value);
    parts.append(part);
  }
  entry.append(head, parts);
  return entry;
}
