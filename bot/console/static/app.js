// What every page has: forms that are sent quietly, copying, printing, and the page of a conversation.
import { copy, post } from "./lib.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-quiet]")) return;
  event.preventDefault();
  const tools = form.closest(".tools") ?? form.parentElement;
  const said = tools.querySelector(".said");
  form.querySelectorAll("button").forEach((b) => (b.disabled = true));
  const wrong = await post(form, event.submitter);
  form.querySelectorAll("button").forEach((b) => (b.disabled = false));
  if (said) said.textContent = wrong || form.dataset.thanks || "";
  if (!wrong) form.closest("details")?.removeAttribute("open");
  document.dispatchEvent(new CustomEvent("policybot:done", { detail: { form, wrong } }));
});

// typed reports whether leaving the page would lose what somebody has written: what differs from what the page came
// with, and on the reply to a form everything.
function typed(posted) {
  const fields = document.querySelectorAll("main textarea:not([readonly]):not([hidden]), main input:not([type]), main input[type=text], main input[type=search]");
  return [...fields].some((f) => f.value.trim() && (posted || f.value !== f.defaultValue));
}

// The buttons for language and look load the page anew; the page of a case asks by itself.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-leaving]") || document.querySelector(".case[data-case]")) return;
  if (typed(form.hasAttribute("data-posted")) && !confirm(form.dataset.leaving)) event.preventDefault();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy],[data-copylink],[data-print]");
  if (!button) return;
  if (button.hasAttribute("data-print")) return window.print();
  const field = button.parentElement.querySelector("[data-text]");
  await copy(button.hasAttribute("data-copylink") ? location.href : (field?.value ?? ""), field);
  button.textContent = "✓ " + button.textContent.replace(/^✓ /, "");
});

const page = document.querySelector(".ask[data-conversation]") ? "./ask.js" : null;
if (page) import(page);
document.querySelectorAll("[data-script]").forEach((n) => import("./" + n.dataset.script + ".js"));
