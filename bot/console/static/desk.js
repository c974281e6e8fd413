// The page of a case: the check while one types, saving by itself, clauses into the reply without loading the page anew,
// and who else is here. Everything here also works by the buttons alone.
import { part, problem } from "./lib.js";

const root = document.querySelector(".case[data-case]");
const address = "/desk/cases/" + encodeURIComponent(root.dataset.case);
const edit = document.getElementById("edit");
const form = () => document.getElementById("editor");
const text = () => document.getElementById("text");

let edited = form()?.dataset.dirty === "yes" && text().value !== ""; // there is something that is not saved
let stopped = false; // the reader has to decide something first
let round = 0; // of checks: what an older one brings is not shown

// caret is where the cursor stands, in code points.
const caret = () => [...text().value.slice(0, text().selectionEnd)].length;

// say shows a state beside the text.
function say(words) {
  const place = document.getElementById("saved");
  if (place && place.textContent !== words) place.textContent = words;
}

// replace puts a fresh editor in the place of the old one, and the cursor where it was or where the server says.
function replace(nodes, at) {
  const here = document.activeElement === text();
  edit.replaceChildren(...nodes);
  const box = text();
  const to = Number(form().dataset.caret) || at;
  const units = [...box.value].slice(0, to).join("").length;
  box.setSelectionRange(units, units);
  if (here || form().dataset.caret !== "0") box.focus({ preventScroll: here });
  edited = form().dataset.dirty === "yes" && box.value !== "";
  stopped = Boolean(edit.querySelector(".clash"));
  if (stopped) edit.querySelector(".clash").scrollIntoView({ block: "nearest" });
  summary();
}

// summary tells those who listen what the check has found, once.
function summary() {
  const found = edit.querySelector("#checked [data-summary]")?.textContent ?? "";
  const place = document.getElementById("checksaid");
  if (place.textContent !== found) place.textContent = found;
}

// replaceBut is replace, but for a text that was typed on meanwhile: that stays as it is.
function replaceBut(nodes, at, sent) {
  const typed = text().value;
  replace(nodes, at);
  if (typed === sent) return;
  text().value = typed;
  edited = true;
}

// send sends the editor with a button and shows the editor that comes back. Where somebody has typed on meanwhile, a
// change of the text that is not stored is asked for once more, of the text as it is now.
async function send(button, more = {}, again = 5) {
  const sent = text().value;
  const to = button?.getAttribute("formaction") ?? address + "/save";
  const data = new FormData(form(), button);
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  const at = caret();
  try {
    const got = await part(to, { method: "POST", body: data });
    if (text().value !== sent && to.endsWith("/edit") && again > 0) return send(button, more, again - 1);
    if (got.nodes.some((n) => n.querySelector?.("#editor") || n.id === "editor")) replaceBut(got.nodes, at, sent);
    else say(problem(got) || root.dataset.broken);
    return got.status < 400;
  } catch {
    say(root.dataset.broken);
    return false;
  }
}

// check shows what the check finds in the text as it is.
async function check() {
  const mine = ++round;
  const place = document.getElementById("checked");
  try {
    const got = await part(address + "/check", { method: "POST", body: new FormData(form()) });
    if (mine !== round) return;
    place.replaceChildren(...(got.status < 400 ? got.nodes : [document.createTextNode(problem(got))]));
    if (!form().querySelector("[name=checked]")) form().prepend(Object.assign(document.createElement("input"), { type: "hidden", name: "checked", value: "yes" }));
  } catch {
    if (mine === round) place.textContent = place.dataset.broken;
  }
  summary();
}

// save stores the text; of its own accord only what goes on from one's own revision.
let saving = false;
async function save(auto) {
  if (saving || stopped) return;
  if (auto && form().dataset.own !== "yes") return say(root.dataset.ask);
  saving = true;
  const before = text().value;
  say(root.dataset.saving);
  const data = new FormData(form());
  if (auto) data.set("auto", "yes");
  try {
    const got = await part(address + "/save", { method: "POST", body: data, beat: auto });
    if (!got.nodes.some((n) => n.id === "editor" || n.querySelector?.("#editor"))) say(problem(got) || root.dataset.broken);
    else if (got.status >= 400) replaceBut(got.nodes, caret(), before);
    else took(got.nodes, text().value === before);
  } catch {
    say(root.dataset.broken);
  }
  saving = false;
}

// took notes what was saved and leaves the text alone: somebody may be in the middle of a word.
function took(nodes, all) {
  const fresh = nodes.find((n) => n.id === "editor") ?? nodes.map((n) => n.querySelector?.("#editor")).find(Boolean);
  if (fresh.dataset.base !== form().dataset.base) document.querySelectorAll("[data-settled]").forEach((f) => f.remove()); // they are about the revision before
  form().dataset.base = fresh.dataset.base;
  form().dataset.own = fresh.dataset.own;
  form().querySelector("[name=base]").value = fresh.dataset.base;
  edit.querySelectorAll(":scope > .notice.failed").forEach((n) => n.remove());
  edited = !all;
  say(all ? fresh.querySelector("#saved").textContent : root.dataset.unsaved);
}

if (edit && form()) {
  let typing = 0;
  document.addEventListener("input", (event) => {
    if (event.target !== text()) return;
    edited = true;
    say(root.dataset.unsaved);
    document.querySelectorAll("form[data-settled] button").forEach((b) => (b.disabled = true));
    clearTimeout(typing);
    typing = setTimeout(check, 400);
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target !== form()) {
      if (event.target.matches("form[data-settled]")) edited = false;
      return;
    }
    if (button?.hasAttribute("data-whole") || button?.hasAttribute("data-submit")) {
      edited = false; // the page is loaded anew with all of it
      return;
    }
    event.preventDefault();
    if (button?.hasAttribute("data-check")) check();
    else if (button?.value === "find") find();
    else if (button?.hasAttribute("data-op")) send(button, button.name === "cite" ? { at: caret() } : {});
    else save(false);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "s") {
      event.preventDefault();
      save(false);
    }
    if (event.key === "Enter" && form().querySelector("[data-submit]") && !stopped) {
      event.preventDefault();
      form().requestSubmit(form().querySelector("[data-submit]"));
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (edited) event.preventDefault();
  });
  if (text().value.trim() && !edit.querySelector("[data-summary]")) check();
  setInterval(() => {
    if (edited && text().value.trim()) save(true);
  }, 15000);
}

// find searches the library beside the reply.
async function find() {
  const place = document.getElementById("found");
  try {
    const got = await part(address + "/clauses?q=" + encodeURIComponent(document.getElementById("find").value));
    place.replaceChildren(...(got.status < 400 ? got.nodes : [document.createTextNode(problem(got))]));
  } catch {
    place.textContent = root.dataset.broken;
  }
}

// Who else is here. While the page is hidden nobody is.
let typed = text()?.value ?? "";
setInterval(async () => {
  if (document.hidden) return;
  const data = new FormData();
  const now = text()?.value ?? "";
  if (now !== typed) data.set("editing", "yes");
  typed = now;
  const got = await part(address + "/presence", { method: "POST", body: data, beat: true }).catch(() => null);
  if (got?.status !== 200) return;
  const place = document.getElementById("present");
  const words = got.nodes.map((n) => n.textContent).join("").trim();
  if (place.textContent.trim() !== words) place.replaceChildren(...got.nodes);
}, 10000);
