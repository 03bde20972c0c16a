// @ts-check
/** Private keys as PEM files hold them, made ready for the browser's own cryptography. Pure: text in, bytes out. */

/** A key file that cannot be used; the message says why, and what to do. */
export class UnusableKey extends Error {}

/**
 * @typedef {object} PrivateKeyBytes
 * @property {"rsa" | "ed25519"} type
 * @property {Uint8Array} pkcs8
 */

// The private half of the largest RSA key that a service takes has 6.5 KB.
export const LONGEST_PEM = 16_384;

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;
const OBJECT_ID = 0x06;

const RSA_ID = "2a864886f70d010101";
const ED25519_ID = "2b6570";

// Of PKCS #8 what stands before an RSA key: version 0, rsaEncryption, no parameters.
const RSA_PREFIX = [INTEGER, 1, 0, SEQUENCE, 13, OBJECT_ID, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

/** What a block is called that is no private key which can be used, and what to do about it. @type {Record<string, string>} */
const OTHER_BLOCKS = {
  "ENCRYPTED PRIVATE KEY": "This key is protected by a passphrase. Save it without one: openssl pkey -in FILE -out NEW.",
  "PUBLIC KEY": "This is a public key. Choose the file that holds the private one.",
  "RSA PUBLIC KEY": "This is a public key. Choose the file that holds the private one.",
  CERTIFICATE: "This is a certificate. Choose the file that holds the private key.",
  "EC PRIVATE KEY": "This key is of an elliptic curve that the service does not take. RSA and Ed25519 are taken.",
  "OPENSSH PRIVATE KEY": "This key is in OpenSSH's own form. Choose one in PEM form, as the service made it.",
};

/**
 * The private key in a PEM text, PKCS #8 or PKCS #1.
 * @param {string} text
 * @returns {PrivateKeyBytes}
 */
export function readPrivateKey(text) {
  if (text.length > LONGEST_PEM) {
    throw new UnusableKey("This file is too long to be a private key. Choose the PEM file that came with the key id.");
  }
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)];
  const block = blocks.find(([, label]) => label === "PRIVATE KEY" || label === "RSA PRIVATE KEY") ?? blocks[0];
  if (block === undefined) {
    throw new UnusableKey("This file holds no key in PEM form (-----BEGIN PRIVATE KEY----- …).");
  }
  const [, label, body] = block;
  if (label !== "PRIVATE KEY" && label !== "RSA PRIVATE KEY") {
    throw new UnusableKey(OTHER_BLOCKS[label] ?? `This file holds a ${label.toLowerCase()}, not a private key.`);
  }
  if (body.includes("ENCRYPTED")) {
    throw new UnusableKey(OTHER_BLOCKS["ENCRYPTED PRIVATE KEY"]);
  }
  const der = decodeBase64(body);
  return label === "PRIVATE KEY" ? readPkcs8(der) : { type: "rsa", pkcs8: wrapPkcs1(der) };
}

/**
 * A private key in the bytes of PKCS #8.
 * @param {Uint8Array} der
 * @returns {PrivateKeyBytes}
 */
export function readPkcs8(der) {
  const whole = element(der, 0, SEQUENCE);
  const version = element(der, whole.start, INTEGER);
  const algorithm = element(der, version.end, SEQUENCE);
  const id = element(der, algorithm.start, OBJECT_ID);
  element(der, algorithm.end, OCTETS);
  switch (hex(der.subarray(id.start, id.end))) {
    case RSA_ID:
      return { type: "rsa", pkcs8: der };
    case ED25519_ID:
      return { type: "ed25519", pkcs8: der };
    default:
      throw new UnusableKey("This key is of a kind that the service does not take. RSA and Ed25519 are taken.");
  }
}

/**
 * The bytes that base64 stands for, of either alphabet.
 * @param {string} text
 */
export function decodeBase64(text) {
  try {
    const standard = text.replace(/\s+/g, "").replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
  } catch {
    throw damaged();
  }
}

/**
 * @param {Uint8Array} pkcs1
 * @returns {Uint8Array}
 */
function wrapPkcs1(pkcs1) {
  element(pkcs1, element(pkcs1, 0, SEQUENCE).start, INTEGER);
  return tagged(SEQUENCE, [...RSA_PREFIX, ...tagged(OCTETS, pkcs1)]);
}

/**
 * Where the content of a DER element begins and ends.
 * @param {Uint8Array} der
 * @param {number} at
 * @param {number} tag
 */
function element(der, at, tag) {
  if (der[at] !== tag) throw damaged();
  let length = der[at + 1];
  let start = at + 2;
  if (length > 0x80) {
    const digits = length - 0x80;
    length = der.subarray(start, start + digits).reduce((sum, digit) => sum * 256 + digit, 0);
    start += digits;
  }
  if (!(start + length <= der.length)) throw damaged();
  return { start, end: start + length };
}

/**
 * @param {number} tag
 * @param {ArrayLike<number>} content
 */
function tagged(tag, content) {
  const length = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const header = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 + length.length, ...length];
  const whole = new Uint8Array(header.length + content.length);
  whole.set(header);
  whole.set(content, header.length);
  return whole;
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function damaged() {
  return new UnusableKey("This file is damaged: what it holds is no private key.");
}
