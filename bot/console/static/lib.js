// What the scripts of all pages use. HTML never comes from text: parts of pages are loaded as documents, which
// run no script, and moved over; everything else is set as text.

// words are the few texts that scripts say, from the page.
export const say = (name) => document.body.dataset[name] ?? document.documentElement.dataset[name] ?? name;

// part loads the main part of a page and returns its nodes and the status. With beat it is the page's own doing, which
// does not keep its reader signed in.
export function part(url, options = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(options.method ?? "GET", url);
    request.responseType = "document";
    request.setRequestHeader("X-Policybot-Part", "1");
    if (options.beat) request.setRequestHeader("X-Policybot-Beat", "1");
    request.onload = () => {
      // What has no content would be read as broken XML, whose page of errors breaks the policy on styles.
      const main = request.status === 204 ? null : request.response?.querySelector("main");
      resolve({ status: request.status, nodes: main ? [...main.childNodes].map((n) => document.importNode(n, true)) : [] });
    };
    request.onerror = () => reject(new Error("network"));
    request.send(options.body ?? null);
  });
}

// problem is the sentence of a page that says what went wrong.
export const problem = (got) => got.nodes.map((n) => n.querySelector?.("h1")?.textContent ?? (n.matches?.("[data-error]") ? n.textContent : "")).find(Boolean) ?? "";

// post sends a form quietly: "" when it was done, else a sentence.
export async function post(form, submitter) {
  const data = new FormData(form, submitter);
  try {
    const got = await part(form.action, { method: "POST", body: data });
    return got.status < 400 ? "" : problem(got) || String(got.status);
  } catch {
    return form.dataset.broken ?? "⚠";
  }
}

// events reads a stream of server-sent events.
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    let end;
    while ((end = rest.indexOf("\n\n")) >= 0) {
      const event = { name: "message", data: "" };
      for (const line of rest.slice(0, end).split("\n")) {
        if (line.startsWith("event: ")) event.name = line.slice(7);
        if (line.startsWith("data: ")) event.data += line.slice(6);
      }
      rest = rest.slice(end + 2);
      if (event.data) yield { name: event.name, data: JSON.parse(event.data) };
    }
  }
}

// copy puts a text into the clipboard.
export async function copy(text, field) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    field?.select();
    document.execCommand("copy");
  }
}
