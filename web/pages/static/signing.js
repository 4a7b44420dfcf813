// Passkeys and the API: make one, sign a payload with one, send what was signed.
//
// 1. `make`    a challenge of the server, the browser's prompt, and the key object for a statement's body
// 2. `draft`   the bytes to sign and the text to read
// 3. `assert`  the prompt; its challenge is SHA-256 of the PAE, computed here, and the server's must be the same
// 4. `submit`  envelope, text and private part

import { PAYLOAD_TYPE, Refusal, pae, sha256, sha256Hex } from "./bytes.js";
import { fromBase64, fromBase64url, toBase64, toBase64url } from "./bytes.js";

const API = "/api/v1";
const TOKEN = "proviso.token"; // in sessionStorage: gone with the tab

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (secret) => sessionStorage.setItem(TOKEN, secret),
  forget: () => sessionStorage.removeItem(TOKEN),
};

export class Problem extends Error {
  constructor({ code, detail }) {
    super(detail);
    this.code = code;
  }
}

const headers = () => ({ Authorization: `Bearer ${token.get()}` });

export async function call(method, path, body) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const kind = body === undefined ? {} : { "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(API + path, { method, headers: { ...headers(), ...kind }, cache: "no-store", ...sent });
  } catch {
    throw new Refusal("unreachable");
  }
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem({ code: said.code ?? "unavailable", detail: said.detail ?? answer.statusText });
  return said;
}

// All rows of a list that comes in pages.
export async function rows(path) {
  const found = [];
  for (let next = path; next; ) {
    const page = await call("GET", next);
    found.push(...page.results);
    next = page.next ? path.split("?")[0] + new URL(page.next).search : null;
  }
  return found;
}

export async function file(path) {
  const answer = await fetch(API + path, { headers: headers() });
  if (!answer.ok) throw new Problem(await answer.json());
  return answer.blob();
}

async function prompt(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error.name === "InvalidStateError") throw new Refusal("has_passkey");
    if (error.name === "NotAllowedError" || error.name === "AbortError") throw new Refusal("cancelled");
    throw error;
  }
}

// Make a passkey; returns its key object, its key id (computed here) and its credential id.
export async function make(name) {
  const { publicKey } = await call("POST", "/passkeys/challenges", { purpose: "create", name });
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  const credential = await prompt(() => navigator.credentials.create({ publicKey: options }));
  const { key } = await call("POST", "/passkeys", { credential: credential.toJSON() });
  const spki = fromBase64(key.spki);
  const own = credential.response.getPublicKey(); // null for algorithms that the browser does not know itself
  const swapped = own !== null && toBase64(new Uint8Array(own)) !== key.spki;
  if (swapped || key.credential.id !== credential.id) throw new Refusal("not_as_asked");
  return { key, id: credential.id, keyid: await sha256Hex(spki) };
}

export const draft = (type, issuer, body, language, priv = null) =>
  call("POST", "/statements/draft", { type, issuer, body, language, private: priv });

// Sign with one of these passkeys (`{id, keyid}`), and return the entry of the envelope.
export async function assert(payload, passkeys) {
  const { publicKey } = await call("POST", "/passkeys/challenges", { purpose: "sign", payload: toBase64(payload) });
  const challenge = await sha256(pae(payload));
  if (publicKey.challenge !== toBase64url(challenge)) throw new Refusal("other_challenge");
  const allowed = passkeys.map(({ id }) => ({ type: "public-key", id: fromBase64url(id) }));
  const { rpId, timeout } = publicKey;
  const options = { challenge, rpId, timeout, allowCredentials: allowed, userVerification: "required" };
  const credential = await prompt(() => navigator.credentials.get({ publicKey: options }));
  const used = passkeys.find(({ id }) => id === credential.id);
  if (!used) throw new Refusal("foreign_credential");
  const { authenticatorData, clientDataJSON, signature } = credential.response;
  return {
    keyid: used.keyid,
    kind: "webauthn",
    sig: toBase64(new Uint8Array(signature)),
    authenticatorData: toBase64url(new Uint8Array(authenticatorData)),
    clientDataJSON: toBase64url(new Uint8Array(clientDataJSON)),
  };
}

export const submit = (payload, signatures, text, priv) =>
  call("POST", "/statements", {
    envelope: { payload: toBase64(payload), payloadType: PAYLOAD_TYPE, signatures },
    text,
    private: priv,
  });
