// @ts-check
/** The dashboard: signs in, shows a desk, and signs out. */

import { Desk } from "./desk.js";
import { byId } from "./elements.js";
import { takeKey } from "./fragment.js";
import { UnusableKey } from "./pem.js";
import { SignIn } from "./sign_in.js";
import { signerOf, whyNoSigning } from "./signing.js";

/** @typedef {import("./signing.js").Signer} Signer */

/** What the service says of itself. @type {{version: string, charts: boolean, chart_style_ids: string[]}} */
const about = await fetch("/dashboard/about.json", { credentials: "omit" })
  .then((response) => response.json())
  .catch(() => ({ version: "", charts: false, chart_style_ids: [] }));

/** @type {Desk | null} */
let desk = null;

const signIn = new SignIn(enter);
const signOut = byId("sign-out", HTMLButtonElement);

/** @param {Signer} signer */
function enter(signer) {
  signIn.busy(true);
  const entered = new Desk(signer, about.charts ? about.chart_style_ids : null, {
    live: () => show(true),
    ended: (sentence) => {
      entered.stop();
      desk = null;
      show(false);
      signIn.refuse(sentence);
    },
  });
  desk = entered;
}

function leave() {
  desk?.stop();
  desk = null;
  signIn.clear();
  show(false);
  const keyId = byId("key-id", HTMLInputElement);
  keyId.value = "";
  keyId.focus();
}

/** @param {boolean} isSignedIn */
function show(isSignedIn) {
  if (isSignedIn) {
    signIn.clear();
  } else {
    document.documentElement.removeAttribute("data-phase");
    document.title = "openpositions";
  }
  byId("entrance", HTMLElement).hidden = isSignedIn;
  byId("desk", HTMLElement).hidden = !isSignedIn;
  byId("bar-state", HTMLElement).hidden = !isSignedIn;
}

/** Signs in with the key of a link, when the address has one. */
async function enterByLink() {
  try {
    const found = takeKey(location, history);
    if (found === null || desk !== null) return;
    if (whyNoSigning() !== null) return;
    const signer = await signerOf(found.keyId, found.privateKey);
    if (desk === null) enter(signer);
  } catch (error) {
    signIn.refuse(error instanceof UnusableKey ? `The link is damaged. ${error.message}` : "The link could not be used.");
  }
}

byId("version", HTMLElement).textContent = about.version;
byId("chart", HTMLElement).hidden = !about.charts;
byId("no-chart", HTMLElement).hidden = about.charts;
signOut.addEventListener("click", leave);
addEventListener("hashchange", () => void enterByLink());
await enterByLink();
