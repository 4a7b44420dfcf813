// Bytes and digests: what is shown, what is signed, and whether they are the same. Pure; docs/formats.md, 1 and 2.
//
// Nothing here believes the server: the digests it sends are compared with what this file computes, and never used.

export const PAYLOAD_TYPE = "application/vnd.proviso.statement.v1+json";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text) => encoder.encode(text);
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
export const toBase64url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export const fromBase64url = (text) => fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
export const sha256Hex = async (bytes) => toHex(await sha256(bytes));

// What a signature is over: DSSE v1, protocol.md.
export function pae(payload) {
  const kind = utf8(PAYLOAD_TYPE);
  const head = utf8(`DSSEv1 ${kind.length} ${PAYLOAD_TYPE} ${payload.length} `);
  const whole = new Uint8Array(head.length + payload.length);
  whole.set(head);
  whole.set(payload, head.length);
  return whole;
}

// RFC 8785 for values without floats: keys sorted by UTF-16 units, as `sort` does.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${pairs.join(",")}}`;
}

export class Refusal extends Error {
  constructor(word) {
    super(word);
    this.word = word; // of the table that the page came with
  }
}

// Read a payload. One that is not canonical might say two things to two readers: it is refused.
export function readPayload(base64) {
  const payload = fromBase64(base64);
  const text = decoder.decode(payload);
  const statement = JSON.parse(text);
  if (canonical(statement) !== text) throw new Refusal("not_canonical");
  return { payload, statement };
}

// Refuse a statement that is not the one that was asked for: `body` names the fields that must be as given.
export function requireAsked(statement, { type, issuer, body = {} }) {
  const fields = Object.keys(body).every((name) => canonical(statement.body[name]) === canonical(body[name]));
  if ((type && statement.type !== type) || statement.issuer !== issuer || !fields) throw new Refusal("not_as_asked");
}
