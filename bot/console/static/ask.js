// The page where people ask: answers stream in, clauses open beside them, replies of the staff appear.
import { events, part } from "./lib.js";

const root = document.querySelector(".ask[data-conversation]");
const turns = document.getElementById("turns");
const composer = document.getElementById("composer");
const beside = document.getElementById("beside");
const question = document.getElementById("question");
const conversation = root.dataset.conversation;

const clone = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;

// ask sends a form's question and shows the answer as it comes.
async function ask(form, submitter) {
  const data = new FormData(form, submitter);
  data.set("c", conversation);
  data.set("key", data.get("key") || key());
  const picked = [...data.getAll("pick"), data.get("say")].filter((t) => t && t.trim());
  const text = (data.get("question") || picked.join("，")).trim();
  if (!text) return;
  history.replaceState(null, "", "/?c=" + encodeURIComponent(conversation));
  document.querySelector(".welcome")?.remove();
  root.classList.add("going");
  const turn = clone("pending");
  turn.querySelector(".bubble").textContent = text;
  turns.append(turn);
  turn.scrollIntoView({ block: "start" });
  form.querySelectorAll("button").forEach((b) => (b.disabled = true));
  if (form === composer) question.value = "";
  let id = "";
  const stop = new AbortController();
  turn.querySelector("[data-stop]").addEventListener("click", async () => {
    if (id) await part("/answers/" + encodeURIComponent(id) + "/withdraw", { method: "POST", body: new FormData() });
    stop.abort();
    turn.remove();
  });
  try {
    id = await follow(await fetch("/ask", { method: "POST", body: data, headers: { Accept: "text/event-stream" }, signal: stop.signal }), turn, (known) => (id = known));
    await replace(turn, id);
    turns.querySelectorAll("article.turn:not(:last-child) form.next").forEach((n) => n.remove());
  } catch (error) {
    if (error.name !== "AbortError") failed(turn, form, text, data, error.message);
  } finally {
    form.querySelectorAll("button").forEach((b) => (b.disabled = false));
    const keys = !matchMedia("(pointer: coarse)").matches; // on a phone a focus would open the keyboard
    if (keys && !beside.contains(document.activeElement)) question.focus({ preventScroll: true });
  }
}

const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// follow shows what the stream brings, and returns the answer's id.
async function follow(response, turn, accepted) {
  const growing = turn.querySelector(".growing");
  let id = "";
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    const said = response.headers.get("Content-Type")?.startsWith("application/json") ? (await response.json()).error : "";
    throw new Error(said || "");
  }
  for await (const event of events(response)) {
    if (event.name === "accepted") accepted((id = event.data.id));
    if (event.name === "sentence") {
      const p = document.createElement("p");
      p.className = "sentence";
      p.textContent = event.data.text + (event.data.citations ?? []).map((n) => " [" + n + "]").join("");
      growing.append(p);
    }
    if (event.name === "error") throw new Error(event.data.error);
    if (event.name === "answer") return event.data.id;
  }
  if (!id) throw new Error("");
  return id;
}

// replace puts the whole answer in place of what has grown.
async function replace(turn, id) {
  pause = 3000;
  const got = await part("/answers/" + encodeURIComponent(id));
  const article = got.nodes.map((n) => n.querySelector?.("article.turn")).find(Boolean);
  if (!article) throw new Error("");
  turn.replaceWith(article);
  watch();
  return article;
}

// settle puts the focus on an answer that took the place of the one that had it.
function settle(turn) {
  turn.tabIndex = -1;
  turn.focus({ preventScroll: true });
}

// failed says that no answer came, and offers to ask again under the same key, so that nothing is asked twice.
function failed(turn, form, text, data, why) {
  const box = clone("failed");
  box.querySelector("span").textContent = why || turns.dataset.broken || "";
  box.querySelector("[data-again]").addEventListener("click", () => {
    turn.remove();
    const again = composer;
    question.value = text;
    let hidden = again.querySelector("[name=key]");
    if (!hidden) {
      hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "key" });
      again.append(hidden);
    }
    hidden.value = data.get("key");
    ask(again).finally(() => hidden.remove());
  });
  turn.querySelector(".working").replaceWith(box);
  turn.querySelector("[data-stop]")?.remove();
}

// opener is the link that opened the clause; the focus goes back to it.
let opener = null;

// openClause shows a clause beside the answer, with its quote in view.
async function openClause(link) {
  let got;
  try {
    got = await part(link.href);
  } catch {
    location.href = link.href;
    return;
  }
  opener?.setAttribute("aria-expanded", "false");
  opener = link;
  link.setAttribute("aria-expanded", "true");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "quiet close", textContent: "✕" });
  close.setAttribute("aria-label", beside.dataset.close);
  close.addEventListener("click", closeClause);
  const whole = Object.assign(document.createElement("a"), { href: link.href, textContent: beside.dataset.whole, className: "meta" });
  beside.replaceChildren(close, whole, ...got.nodes);
  beside.hidden = false;
  root.classList.add("open");
  beside.focus({ preventScroll: true });
  beside.scrollTop = 0;
  const mark = beside.querySelector("mark");
  const border = beside.getBoundingClientRect();
  if (mark && mark.getBoundingClientRect().bottom > border.bottom) beside.scrollTop = mark.getBoundingClientRect().top - border.top - 120;
}

function closeClause() {
  beside.hidden = true;
  root.classList.remove("open");
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-clause], #beside a[rel]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openClause(link);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !beside.hidden) closeClause();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === question) composer.requestSubmit();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-ask]")) return;
  event.preventDefault();
  ask(event.target, event.submitter);
});
document.addEventListener("policybot:done", async (event) => {
  const { form, wrong } = event.detail;
  const turn = form.closest("article.turn");
  if (!wrong && turn && form.hasAttribute("data-reload")) {
    const said = form.dataset.thanks;
    const fresh = await replace(turn, turn.dataset.answer);
    const place = fresh.querySelector(".said");
    if (place) place.textContent = said;
    settle(fresh);
  }
});

// watch looks for what comes later: an answer under way, a reply of the staff.
let timer = 0;
let pause = 3000; // ms; longer while nothing comes
function watch() {
  clearTimeout(timer);
  const open = [...turns.querySelectorAll('article.turn[data-state="waiting"], article.turn[data-state="handed_over"]')];
  if (!open.length) return;
  timer = setTimeout(async () => {
    if (!document.hidden) {
      for (const turn of open) {
        const got = await part("/answers/" + encodeURIComponent(turn.dataset.answer), { beat: true }).catch(() => ({ status: 0, nodes: [] }));
        if (got.status === 401 || got.status === 404) turn.dataset.state = "gone"; // signed out, or removed
        const fresh = got.nodes.map((n) => n.querySelector?.("article.turn")).find(Boolean);
        if (!fresh || fresh.dataset.version === turn.dataset.version) continue;
        const here = turn.contains(document.activeElement);
        if (here && document.activeElement.closest(".drop, .next")) continue; // somebody is writing there
        turn.replaceWith(fresh);
        if (here) settle(fresh);
        pause = 3000;
      }
      pause = Math.min(pause * 1.3, 30000);
    }
    watch();
  }, pause);
}
watch();
