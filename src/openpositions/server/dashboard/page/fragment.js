// @ts-check
/** The key of a link that a demo prints: it stands behind the `#`, which browsers send nowhere. */

import { UnusableKey, decodeBase64, readPkcs8 } from "./pem.js";

/** @typedef {import("./pem.js").PrivateKeyBytes} PrivateKeyBytes */

/**
 * Takes the key out of the address, and out of what the address bar and going back show. Also
 * what is left of a link that was cut off is taken out. Null where nothing of a key is there; throws UnusableKey.
 * @param {Location} address
 * @param {History} history
 * @returns {{keyId: string, privateKey: PrivateKeyBytes} | null}
 */
export function takeKey(address, history) {
  const named = new URLSearchParams(address.hash.slice(1));
  const [keyId, privateKey] = [named.get("key_id"), named.get("private_key")];
  if (keyId === null && privateKey === null) return null;
  history.replaceState(null, "", address.pathname);
  if (!keyId || !privateKey) throw new UnusableKey("A part of it is missing.");
  return { keyId, privateKey: readPkcs8(decodeBase64(privateKey)) };
}
