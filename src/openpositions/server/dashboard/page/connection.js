// @ts-check
/** One socket: opened with a ticket, watched for silence, and closed with a reason. */

import { PROBE_COMMAND } from "./following.js";
import { closing } from "./refusals.js";
import { ask } from "./requests.js";

/** @typedef {import("./signing.js").Signer} Signer */

const SOCKET_PATH = "/trade-api/ws/v2";

const HANDSHAKE_MS = 10_000;
const WATCH_EVERY_MS = 1_000;

// A browser does not show the service's pings, so the page asks for an answer when it hears nothing. Without one it is
// not known any more whether anything changed, and in the end the connection is taken for dead.
const PROBE_AFTER_MS = 3_000;
const STALE_AFTER_MS = 6_000;
const DEAD_AFTER_MS = 20_000;

/** @typedef {import("./refusals.js").Parting} Parting */

// Browsers tell a page nothing of why a handshake was refused.
const NOT_OPENED = { sentence: "The service opened no connection; it may be busy.", final: false };

/**
 * @typedef {object} Listener
 * @property {() => string[]} opened gives the commands to send
 * @property {(message: any) => void} received
 * @property {(isStale: boolean) => void} heard
 */

export class Connection {
  /** When anything came last; null before the socket is open. @type {number | null} */
  heardAt = null;
  #stopped = false;
  /** Ends what runs. */
  #end = () => {};
  #watchedAt = 0;
  #probedAt = 0;

  /** Closes it, and tells nothing more: `run` returns. */
  stop() {
    this.#stopped = true;
    this.#end();
  }

  /**
   * Runs it to its end. Throws Refused when there is no ticket to be had, and what `received` throws.
   * @param {Signer} signer
   * @param {Listener} listener
   * @returns {Promise<Parting>}
   */
  async run(signer, listener) {
    const { ticket } = await ask(signer, "POST", "/v1/tickets");
    if (this.#stopped) return closing(1000);
    const address = new URL(SOCKET_PATH, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = new URLSearchParams({ ticket, wire: "2026" }).toString();
    const socket = new WebSocket(address);
    return new Promise((resolve, reject) => this.#follow(socket, listener, resolve, reject));
  }

  /**
   * @param {WebSocket} socket
   * @param {Listener} listener
   * @param {(ended: Parting) => void} resolve
   * @param {(error: unknown) => void} reject
   */
  #follow(socket, listener, resolve, reject) {
    const begun = performance.now();
    /** @type {(settle: () => void) => void} */
    const end = (settle) => {
      clearInterval(watching);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
      settle();
    };
    this.#end = () => end(() => resolve(closing(1000)));
    const watching = setInterval(() => {
      const sentence = this.heardAt === null ? whyLate(begun) : this.#watch(socket, listener);
      if (sentence) end(() => resolve({ sentence, final: false }));
    }, WATCH_EVERY_MS);
    socket.onopen = () => {
      this.heardAt = performance.now();
      for (const command of listener.opened()) socket.send(command);
    };
    socket.onmessage = ({ data }) => {
      this.heardAt = performance.now();
      try {
        listener.received(JSON.parse(data));
      } catch (error) {
        end(() => reject(error));
      }
    };
    socket.onclose = ({ code }) => end(() => resolve(this.heardAt === null ? NOT_OPENED : closing(code)));
  }

  /**
   * Asks for an answer when nothing was heard; why the socket is taken for dead, empty while it is not.
   * @param {WebSocket} socket
   * @param {Listener} listener
   */
  #watch(socket, listener) {
    const now = performance.now();
    // A browser that slept heard nothing, which says nothing of the service: it is asked first.
    if (this.#watchedAt && now - this.#watchedAt > STALE_AFTER_MS) this.heardAt = now - PROBE_AFTER_MS;
    this.#watchedAt = now;
    const silent = now - (this.heardAt ?? now);
    if (silent >= PROBE_AFTER_MS && now - this.#probedAt >= PROBE_AFTER_MS) {
      this.#probedAt = now;
      socket.send(PROBE_COMMAND);
    }
    listener.heard(silent >= STALE_AFTER_MS);
    return silent < DEAD_AFTER_MS ? "" : "The service fell silent.";
  }
}

/**
 * Why a handshake is given up; empty while it is not.
 * @param {number} begun
 */
function whyLate(begun) {
  return performance.now() - begun > HANDSHAKE_MS ? "The service did not answer in time." : "";
}
