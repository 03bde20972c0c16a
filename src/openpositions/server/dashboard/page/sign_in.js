// @ts-check
/** The form in which somebody names a key id and chooses the file of the private key. */

import { byId } from "./elements.js";
import { LONGEST_PEM, UnusableKey } from "./pem.js";
import { signerOfPem, whyNoSigning } from "./signing.js";

/** @typedef {import("./signing.js").Signer} Signer */

export class SignIn {
  #form = byId("sign-in", HTMLFormElement);
  #keyId = byId("key-id", HTMLInputElement);
  #file = byId("key-file", HTMLInputElement);
  #button = byId("enter", HTMLButtonElement);
  #refusal = byId("refusal", HTMLElement);

  /** @param {(signer: Signer) => void} enter */
  constructor(enter) {
    const reason = whyNoSigning();
    if (reason !== null) {
      this.refuse(reason);
      this.#button.disabled = true;
    }
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit(enter);
    });
  }

  /** Shows that it is under way, or not any more. @param {boolean} isBusy */
  busy(isBusy) {
    this.#button.disabled = isBusy;
    this.#button.textContent = isBusy ? "Signing in …" : "Sign in";
    if (isBusy) this.#refusal.hidden = true;
  }

  /** Says why it did not work. @param {string} sentence */
  refuse(sentence) {
    this.busy(false);
    this.#refusal.textContent = sentence;
    this.#refusal.hidden = false;
  }

  /** Forgets the file. */
  clear() {
    this.#file.value = "";
    this.#refusal.hidden = true;
    this.busy(false);
  }

  /** @param {(signer: Signer) => void} enter */
  async #submit(enter) {
    const [keyId, file] = [this.#keyId.value.trim(), this.#file.files?.[0]];
    if (!/^[\x21-\x7e]{1,128}$/.test(keyId)) return this.refuse("Give the key id: 1 to 128 characters without spaces.");
    if (file === undefined) return this.refuse("Choose the PEM file of the private key.");
    this.busy(true);
    try {
      // A little more than the longest key is enough to see that a file is too long to be one.
      enter(await signerOfPem(keyId, await file.slice(0, LONGEST_PEM + 1).text()));
    } catch (error) {
      if (error instanceof UnusableKey) this.refuse(error.message);
      else this.refuse("The file could not be read.");
    }
  }
}
