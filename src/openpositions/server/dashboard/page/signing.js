// @ts-check
/** Requests signed in the browser. A key is imported so that no script can read it again, and is kept nowhere. */

import { UnusableKey, readPrivateKey } from "./pem.js";

/** @typedef {import("./pem.js").PrivateKeyBytes} PrivateKeyBytes */

const FORMS = {
  rsa: { imported: { name: "RSA-PSS", hash: "SHA-256" }, signing: { name: "RSA-PSS", saltLength: 32 } },
  ed25519: { imported: { name: "Ed25519" }, signing: { name: "Ed25519" } },
};

/** Why this page cannot sign at all; null where it can. */
export function whyNoSigning() {
  if (globalThis.crypto?.subtle !== undefined) return null;
  return (
    "Browsers offer cryptography only to pages that came over https, or from this machine itself, and this one came " +
    `over plain http from ${location.hostname}. Open it over https, or on the machine of the service as ` +
    `http://localhost:${location.port || "80"}.`
  );
}

/** Signs as the owner of one key id, until it is told to forget the key. */
export class Signer {
  /** @type {CryptoKey | null} */
  #key;
  #signing;
  #forgetting = new AbortController();

  /**
   * @param {string} keyId
   * @param {CryptoKey} key
   * @param {AlgorithmIdentifier | RsaPssParams} signing
   */
  constructor(keyId, key, signing) {
    this.keyId = keyId;
    this.#key = key;
    this.#signing = signing;
  }

  /** Ends what was asked for under this key. */
  get forgotten() {
    return this.#forgetting.signal;
  }

  /** Forgets the key, and ends what was asked for under it. */
  forget() {
    this.#key = null;
    this.#forgetting.abort();
  }

  /**
   * The headers of a request made now; a query is not signed. Throws when the key was forgotten.
   * @param {string} method
   * @param {string} path
   * @returns {Promise<Record<string, string>>}
   */
  async headers(method, path) {
    if (this.#key === null) throw new Error("the key was forgotten");
    const timestamp = String(Date.now());
    const text = new TextEncoder().encode(timestamp + method + path);
    const signature = new Uint8Array(await crypto.subtle.sign(this.#signing, this.#key, text));
    return {
      "KALSHI-ACCESS-KEY": this.keyId,
      "KALSHI-ACCESS-TIMESTAMP": timestamp,
      "KALSHI-ACCESS-SIGNATURE": btoa(String.fromCharCode(...signature)),
    };
  }
}

/**
 * Who signs with the key of a PEM text.
 * @param {string} keyId
 * @param {string} pem
 */
export async function signerOfPem(keyId, pem) {
  return signerOf(keyId, readPrivateKey(pem));
}

/**
 * Who signs with a key. Its bytes are overwritten.
 * @param {string} keyId
 * @param {PrivateKeyBytes} privateKey
 */
export async function signerOf(keyId, { type, pkcs8 }) {
  const { imported, signing } = FORMS[type];
  try {
    const key = await crypto.subtle.importKey("pkcs8", new Uint8Array(pkcs8), imported, false, ["sign"]);
    return new Signer(keyId, key, signing);
  } catch (error) {
    if (type === "ed25519" && error instanceof DOMException && error.name === "NotSupportedError") {
      throw new UnusableKey("This browser cannot sign with Ed25519 keys. Use a newer one, or an RSA key.");
    }
    throw new UnusableKey("This file is damaged: what it holds is no private key.");
  } finally {
    pkcs8.fill(0);
  }
}
