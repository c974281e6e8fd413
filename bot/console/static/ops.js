// The pages of operations: keys while reviewing, and a run under way that is looked at again.
import { part } from "./lib.js";

// A key presses what carries it: a link is followed, a choice is made, a button is pressed.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("textarea, select, input:not([type=radio]):not([type=checkbox])")) return;
  const target = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.click();
});

// Enter in the search for a clause searches, and does not save the review.
document.getElementById("find")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  event.target.form.querySelector('button[value="find"]').click();
});

const running = document.querySelector("[data-poll]");
if (running) {
  const look = async () => {
    const got = await part(running.dataset.poll, { beat: true }).catch(() => ({ nodes: [] }));
    const fresh = got.nodes.map((n) => (n.matches?.(".ops") ? n : n.querySelector?.(".ops"))).find(Boolean);
    const bar = fresh?.querySelector("progress");
    if (fresh && !bar) return location.reload();
    if (bar) {
      const here = running.querySelector("progress");
      here.value = bar.value;
      here.max = bar.max;
      running.querySelector("label[for=progress]").textContent = fresh.querySelector("label[for=progress]").textContent;
    }
    setTimeout(look, 1500);
  };
  setTimeout(look, 1500);
}
