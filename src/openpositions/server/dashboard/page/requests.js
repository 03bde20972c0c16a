// @ts-check
/** Signed requests to the service that this page came from. */

import { UNREACHABLE, refusal } from "./refusals.js";

/** @typedef {import("./signing.js").Signer} Signer */

const ANSWER_MS = 30_000;

/** A request was refused, or not answered. */
export class Refused extends Error {
  /**
   * @param {string} sentence
   * @param {boolean} final nothing is gained by asking again
   * @param {number | null} status null where nothing answered
   * @param {string} [detail] what the service said
   */
  constructor(sentence, final, status, detail = "") {
    super(sentence);
    this.final = final;
    this.status = status;
    this.detail = detail;
  }
}

/**
 * The decoded answer to a signed request. Throws Refused.
 * @param {Signer} signer
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {Record<string, string>} [query]
 */
export async function ask(signer, method, path, query = {}) {
  const parameters = new URLSearchParams(query).toString();
  const asked = parameters ? `${path}?${parameters}` : path;
  /** @type {Response} */
  let response;
  /** @type {string} */
  let body;
  try {
    response = await fetch(asked, {
      method,
      headers: await signer.headers(method, path),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.any([signer.forgotten, AbortSignal.timeout(ANSWER_MS)]),
    });
    body = await response.text();
  } catch {
    throw new Refused(UNREACHABLE, false, null);
  }
  const answer = decode(body);
  if (response.status === 200 && answer !== undefined) return answer;
  const { sentence, final } = refusal(response.status, answer, clockOff(response));
  throw new Refused(sentence, final, response.status, answer?.error?.message);
}

/** @param {string} body */
function decode(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * How far the clock here is ahead of the service's, to a second or so.
 * @param {Response} response
 */
function clockOff(response) {
  const there = Date.parse(response.headers.get("Date") ?? "");
  return Number.isNaN(there) ? null : Date.now() - there;
}
