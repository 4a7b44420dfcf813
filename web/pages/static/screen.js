// What a page shows, and what it says while something goes on or went wrong. Words come with the page (`data-words`).

import { Refusal } from "./bytes.js";
import { Problem } from "./signing.js";

export const words = JSON.parse(document.body.dataset.words);
export const language = document.documentElement.lang;
export const at = (id) => document.getElementById(id);
export const say = (word, given) =>
  Object.entries(given).reduce((text, [name, value]) => text.replace(`{${name}}`, () => value), words[word]);
const dates = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long" });
export const day = (time) => dates.format(new Date(time));
export const show = (id, shown = true) => { at(id).hidden = !shown; };

// --- What went wrong, and what is going on ---------------------------------------------------------------------------

function alarm(error) {
  const problem = error instanceof Problem;
  const word = problem ? `problem_${error.code}` : error instanceof Refusal ? error.word : "unexpected";
  const [shown, detail] = at("alert").querySelectorAll("p");
  shown.textContent = words[word] ?? words.refused;
  detail.textContent = problem ? error.message : "";
  detail.hidden = !problem;
  show("again-row", document.querySelector("main section:not([hidden])") === null); // else there is another way on
  show("alert");
  at("alert").focus();
  if (!problem && !(error instanceof Refusal)) console.error(error);
}

export const status = (word) => { at("status").textContent = word ? words[word] : ""; };

// Run what a click or a form asks for: one at a time, and whatever goes wrong is said.
let busy = false;
export async function run(act) {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  show("alert", false);
  status("working");
  try {
    await act();
    if (at("status").textContent === words.working) status(null);
  } catch (error) {
    status(null);
    alarm(error);
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
}

export const on = (id, event, act) => at(id).addEventListener(event, () => run(act));

// --- Rows of a list --------------------------------------------------------------------------------------------------

function part(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

// A button; `about` is what it does that to, for whoever hears the page.
function button(word, about, act, kind) {
  const made = part("button", words[word], kind);
  made.type = "button";
  made.setAttribute("aria-label", `${words[word]}: ${about}`);
  made.addEventListener("click", () => run(act));
  return made;
}

// What proves a statement: its record, which needs the token, and its receipt, which is anybody's.
function papers(title, digest, save) {
  const row = part("p", "", "row");
  const receipt = part("a", words.receipt_of);
  receipt.href = receiptOf(digest);
  receipt.download = `${digest}.tlog-proof`;
  receipt.setAttribute("aria-label", `${words.receipt_of}: ${title}`);
  row.append(button("record_of", title, () => save(digest), "link"), receipt);
  return row;
}

export const receiptOf = (digest) => `/api/v1/statements/${digest}/proof?wait=1`;

// `state` is a word; `proof` says what statement it is and what saves its record; `press` is a word and what it does.
export function card(title, line, { state, proof, press } = {}) {
  const item = document.createElement("li");
  const about = part("div", "");
  about.append(part("h3", title), part("p", line));
  if (state) about.append(part("p", words[state], `state ${state}`));
  if (proof) about.append(papers(title, proof.digest, proof.save));
  item.append(about);
  if (press) item.append(button(press[0], title, press[1]));
  return item;
}
