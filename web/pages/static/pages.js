// What the three pages do. Every page opens with the token; every signature passes through `read` and `sign` below.

import { Refusal, pae, readPayload, requireAsked, sha256Hex, utf8 } from "./bytes.js";
import { at, card, day, language, on, receiptOf, run, say, show, status, words } from "./screen.js";
import { Problem, assert, call, draft, file, make, rows, submit, token } from "./signing.js";

const rooms = { enrol: "making", sign: "waiting", signed: "given" };
const room = rooms[document.body.dataset.page];

let who = null; // whose token it is
let more = null; // fetches the next page of a list
let open = null; // what is being read: its bytes, text and private part, who signs, and what comes after

// --- Reading and signing ---------------------------------------------------------------------------------------------

// Show a draft. `expected`: what was asked for; `signers`: for each signature the button's word and the passkeys.
async function read(drafted, expected, signers, after) {
  const { payload, statement } = readPayload(drafted.payload);
  requireAsked(statement, expected);
  if (signers.some(({ passkeys }) => passkeys.length === 0)) throw new Refusal("no_passkey");
  at("text").textContent = drafted.text;
  at("text").lang = statement.body.language;
  at("text-stated").textContent = statement.body.text_sha256;
  at("digest").textContent = await sha256Hex(payload);
  at("challenge").textContent = await sha256Hex(pae(payload));
  at("payload").textContent = JSON.stringify(statement, null, 2);
  open = { payload, statement, priv: drafted.private, signers, signatures: [], after };
  show("decline", after.request !== undefined);
  show(room, false);
  show("result", false);
  show("reading");
  label();
  at("reading-title").focus();
  await agree();
}

// Compare the text on the page, as it stands there now, with what the statement commits to.
async function agree() {
  const shown = await sha256Hex(utf8(at("text").textContent));
  const same = shown === open.statement.body.text_sha256;
  at("text-shown").textContent = shown;
  at("reading").classList.toggle("differs", !same);
  show("reading-help", same);
  at("agrees").textContent = same ? words.agrees : "";
  show("agrees", same);
  at("approve").disabled = !same;
  if (!same) {
    at("reading").querySelector("details").open = true;
    throw new Refusal("text_differs");
  }
}

function label() {
  const step = open.signatures.length;
  at("approve").textContent = words[open.signers[step].word];
  at("step").textContent = say("step_of", { step: step + 1, steps: open.signers.length });
  show("step", open.signers.length > 1);
}

async function sign() {
  await agree();
  const { payload, signers, signatures, after } = open;
  status("prompted");
  if (signatures.length < signers.length) signatures.push(await assert(payload, signers[signatures.length].passkeys));
  status("working");
  if (signatures.length < signers.length) return label();
  await finish(await submit(payload, signatures, at("text").textContent, open.priv), after);
}

async function finish({ digest }, after) {
  open = null;
  at("result-title").textContent = words[after.title ?? "done_title"];
  at("result-help").textContent = words[after.word];
  at("result-digest").textContent = digest;
  at("receipt").href = receiptOf(digest);
  at("receipt").download = `${digest}.tlog-proof`;
  at("record").dataset.digest = digest;
  show("record-row", who.scopes.some((scope) => scope !== "enrol"));
  show("onward", who.scopes.some((scope) => scope !== "enrol"));
  try {
    await meet(); // who was nobody is somebody now
  } finally { // shown last, when its buttons are heard; what was signed is signed, whatever becomes of this
    show("reading", false);
    show("result");
    status(null);
    at("result-title").focus();
  }
}

async function save(digest) {
  await file(`/statements/${digest}/proof?wait=1`); // the record holds the receipt
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await file(`/statements/${digest}/record.pdf?language=${language}`));
  link.download = `record-${digest.slice(0, 16)}.pdf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // at once would overtake the download
}

async function putBack(word) {
  open = null;
  show("reading", false);
  await enter();
  status(word);
  at("main").focus();
}

async function decline() {
  await call("POST", `/consent-requests/${open.after.request}/decline`, {});
  await putBack("declined");
}

// --- The three pages -------------------------------------------------------------------------------------------------

const mine = () => [{ word: "sign", passkeys: who.passkeys }];

async function enrol() {
  const first = !who.name;
  at("making-title").textContent = words[first ? "first_title" : "more_title"];
  at("making-help").textContent = words[first ? "first_help" : "more_help"];
  show("about", first);
  at("name").required = first;
  show("making");
}

async function makeOne() {
  const first = !who.name;
  const name = at("name").value.trim().normalize("NFC");
  status("prompted");
  const made = await make(first ? name : null);
  const body = { party: who.party, key: made.key };
  const about = { kind: "person", name, identifiers: {}, affiliates: [], unions: [] };
  about.born = at("born").value || null;
  about.domicile = at("domicile").value.trim().toUpperCase() || null;
  const type = first ? "party.registered" : "key.added";
  const whole = first ? { ...about, ...body } : body;
  const signers = [{ word: first ? "sign" : "sign_new", passkeys: [made] }];
  if (!first && who.has_key) signers.push({ word: "sign_standing", passkeys: who.passkeys });
  const drafted = await draft(type, who.party, whole, language);
  await read(drafted, { type, issuer: who.party, body: whole }, signers, { word: "enrolled_help" });
  status("made");
}

async function waiting() {
  const asked = (await rows("/consent-requests")).filter(({ state }) => state === "sent" || state === "seen");
  const names = await namesOf(asked.map(({ asker }) => asker));
  const cards = asked.map((one) => {
    const line = say("asked_by", { name: names[one.asker], date: day(one.expires_at) });
    return card(one.draft?.description ?? words.erased, line, { press: one.draft && ["read_it", () => answer(one.id)] });
  });
  at("requests").replaceChildren(...cards);
  show("no-requests", cards.length === 0);
  show("waiting");
  const { request } = asks;
  delete asks.request; // once: afterwards the list is what there is
  if (request) await answer(request);
}

async function answer(request) {
  const path = `/consent-requests/${encodeURIComponent(request)}?language=${language}`;
  const { id, draft: body } = await call("GET", path);
  if (!body) throw new Refusal("unreadable");
  const { performer, grantee, answers, description } = body;
  const drafted = await draft("consent.granted", who.party, body, language);
  const asked = { type: "consent.granted", issuer: who.party, body: { performer, grantee, answers, description } };
  await read(drafted, asked, mine(), { word: "done_help", request: id });
}

async function fromFile() {
  const [chosen] = at("file").files;
  if (!chosen) return;
  let said;
  try {
    said = JSON.parse(await chosen.text());
  } catch {
    throw new Refusal("unreadable");
  } finally {
    at("file").value = "";
  }
  const plain = typeof said?.type === "string" && typeof said.body === "object";
  const drafted = plain ? await draft(said.type, who.party, said.body, language, said.private ?? null) : said;
  if (typeof drafted?.payload !== "string" || typeof drafted.text !== "string") throw new Refusal("unreadable");
  await read({ private: null, ...drafted }, { issuer: who.party }, mine(), { word: "done_help" });
}

async function given() {
  const consents = await rows(`/consents?performer=${who.party}`);
  const names = await namesOf(consents.map(({ grantee }) => grantee));
  const cards = consents.map((one) => {
    const line = say("given_to", { name: names[one.grantee], date: day(one.recorded_at) });
    const press = one.revoked ? null : ["withdraw", () => withdraw(one.digest)];
    const proof = { digest: one.digest, save };
    return card(one.terms?.description ?? words.erased, line, { state: standing(one), proof, press });
  });
  at("consents").replaceChildren(...cards);
  show("no-consents", cards.length === 0);
  at("others").replaceChildren();
  await others(`/parties/${who.party}/statements`, new Set(consents.map(({ digest }) => digest)));
  show("given");
}

// Add a page of what else is signed; one page may hold nothing but consents, which stand above.
async function others(path, above) {
  const page = await call("GET", path);
  const rest = page.results.filter(({ digest }) => !above.has(digest));
  at("others").append(...rest.map(listed));
  const next = page.next && path.split("?")[0] + new URL(page.next).search;
  if (next && at("others").children.length === 0) return others(next, above);
  more = next && (() => others(next, above));
  show("older", Boolean(next));
  show("no-others", at("others").children.length === 0);
}

function listed({ digest, type, accepted_at: accepted, index }) {
  const date = day(accepted);
  const line = index === null ? say("not_in_the_log", { date }) : say("in_the_log", { date, index: String(index) });
  return card(words[`type:${type}`] ?? type, line, { proof: { digest, save } });
}

function standing({ revoked, logged, basis, accepted }) {
  if (revoked) return "withdrawn";
  if (!logged) return "not_logged";
  return basis === "contract" && !accepted ? "offered" : "stands";
}

async function withdraw(digest) {
  const body = { performer: who.party, grants: [digest], grantee: null };
  const drafted = await draft("consent.revoked", who.party, body, language);
  const asked = { type: "consent.revoked", issuer: who.party, body };
  await read(drafted, asked, mine(), { title: "withdrawn", word: "withdrawn_help" });
}

async function namesOf(parties) {
  const all = [...new Set(parties)];
  const found = await Promise.all(all.map((party) => call("GET", `/parties/${party}`)));
  return Object.fromEntries(found.map(({ id, name }) => [id, name ?? words.erased]));
}

// --- Coming in -------------------------------------------------------------------------------------------------------

const asks = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

async function meet() {
  who = await call("GET", "/token");
  at("who").querySelector("span").textContent = say("acting", { name: who.name ?? words.nobody_yet });
  show("who");
}

async function enter() {
  if (!token.get()) {
    show(room, false);
    show("who", false);
    return show("access");
  }
  try {
    await meet();
  } catch (error) {
    if (error instanceof Problem) {
      token.forget();
      await enter();
    }
    throw error;
  }
  show("access", false);
  await { enrol, sign: waiting, signed: given }[document.body.dataset.page]();
}

async function bring() {
  token.set(at("token").value.trim());
  at("token").value = "";
  await enter();
}

async function leave() {
  token.forget();
  open = null;
  show("reading", false);
  show("result", false);
  await enter();
}

function onForm(section, act) {
  at(section).querySelector("form").addEventListener("submit", (sent) => {
    sent.preventDefault(); // the policy lets no form be sent
    run(act);
  });
}

function start() {
  if (asks.token || asks.request) history.replaceState(null, "", location.pathname + location.search);
  if (asks.token) token.set(asks.token);
  on("leave", "click", leave);
  on("again", "click", () => location.reload());
  on("approve", "click", sign);
  on("back", "click", () => putBack("put_back"));
  on("decline", "click", decline);
  on("record", "click", () => save(at("record").dataset.digest));
  onForm("access", bring);
  if (room === "making") onForm("making", makeOne);
  if (room === "given") on("older", "click", () => more());
  if (room === "waiting") on("file", "change", fromFile);
  run(async () => {
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) throw new Refusal("unsupported");
    await enter();
  });
}

start();
