// A bot over Socket Mode: what people do arrives, is acknowledged, and is answered.
import { SocketModeClient } from '@slack/socket-mode';
import { WebClient } from '@slack/web-api';
import { appToken, ask, base, botToken, call, end, logger, see } from './session.mjs';

const web = new WebClient(botToken, { slackApiUrl: `${base}/api/`, logger });
const app = new SocketModeClient({ appToken, logger, clientOptions: { slackApiUrl: `${base}/api/` } });

for (const state of ['connecting', 'authenticated', 'connected', 'reconnecting', 'disconnecting', 'disconnected']) {
  app.on(state, () => see(`the client is ${state}`));
}
app.on('error', (e) => see(`the client has an error: ${e.message}`));
app.on('ws_message', (data) => {
  if (typeof data !== 'string' || !data.endsWith('}')) return see('a frame that is no message');
  const { type, reason, num_connections, connection_info } = JSON.parse(data);
  if (type === 'hello' || type === 'disconnect') see(type, { reason, num_connections, connection_info });
});

const arrived = []; // and not looked at yet
let wake = () => {};
app.on('slack_event', (e) => {
  arrived.push(e);
  wake();
});

async function next() {
  while (arrived.length === 0) await new Promise((resolve) => { wake = resolve; });
  return arrived.shift();
}

// What is new in every run, and says nothing of Slack.
const dull = new Set(['token', 'client_msg_id', 'event_ts', 'event_time', 'action_ts', 'trigger_id', 'response_url']);

function show({ type, body, retry_num, retry_reason, accepts_response_payload }) {
  const told = JSON.parse(JSON.stringify(body, (key, value) => (dull.has(key) ? undefined : value)));
  see(type, { retry_num, retry_reason, accepts_response_payload, body: told });
}

async function settled() {
  await ask('what became of it');
}

const once = (event) => new Promise((resolve) => { app.once(event, resolve); });

// Hello, and events.
await app.start();
await ask('U1 writes to the bot');
let e = await next();
show(e);
await e.ack();
await settled();

await ask('U1 mentions the bot in a channel');
const both = [await next(), await next()].sort((a, b) => (a.body.event.type < b.body.event.type ? -1 : 1));
for (e of both) {
  show(e);
  await e.ack();
}
see('two events of one message', both[0].body.event.ts === both[1].body.event.ts && both[0].body.event_id !== both[1].body.event_id);
await settled();

// What is not acknowledged comes again.
await ask('U1 writes to the bot');
const first = await next();
show(first);
const again = await next();
show(again);
see('the same event in another envelope', again.body.event_id === first.body.event_id && again.envelope_id !== first.envelope_id);
await again.ack();
await first.ack();
await settled();
await ask('Slack delivers it once more');
e = await next();
see('the same envelope', e.envelope_id === again.envelope_id && e.body.event_id === first.body.event_id);
await e.ack();

// Frames that are none.
for (const what of ['half a document', 'binary data']) {
  const frame = once('ws_message');
  await ask(`Slack sends ${what}`);
  await frame;
}

// A command is answered in its acknowledgement, and opens a modal.
await ask('U1 sends the command', { text: 'help' });
e = await next();
show(e);
await e.ack({ response_type: 'ephemeral', text: 'Ask about a policy.', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Ask about a *policy*.' } }] });
await settled();

const plain = (text) => ({ type: 'plain_text', text });
const modal = (title) => ({
  type: 'modal', callback_id: 'ask', private_metadata: 'C1', notify_on_close: true, title: plain(title), submit: plain('Send'),
  blocks: [{ type: 'input', block_id: 'question', label: plain('Question'), element: { type: 'plain_text_input', action_id: 'text' } }],
});
await ask('U1 sends the command', { text: 'ask' });
e = await next();
await e.ack();
await settled();
const opened = await call('views.open', web.views.open({ trigger_id: e.body.trigger_id, view: modal('Ask') }));
await call('views.open once more', web.views.open({ trigger_id: e.body.trigger_id, view: modal('Ask') }));

await ask('U1 submits', { question: '?' });
e = await next();
show(e);
await e.ack({ response_action: 'errors', errors: { question: 'This is no question.' } });
await settled();
await ask('what modals has U1');
await call('views.update', web.views.update({ view_id: opened.view.id, hash: opened.view.hash, view: modal('Ask better') }));
await call('views.update of what it was', web.views.update({ view_id: opened.view.id, hash: opened.view.hash, view: modal('Ask') }));
await ask('U1 submits', { question: 'Who may apply?' });
e = await next();
see('the answer', e.body.view.state.values);
await e.ack({ response_action: 'update', view: modal('Another?') });
await settled();
await ask('what modals has U1');
await ask('U1 closes the modal');
e = await next();
show(e);
await e.ack();
await settled();

// A button, and the response_url that comes with it.
const button = { type: 'button', action_id: 'more', value: 'more', text: plain('More') };
await call('chat.postMessage', web.chat.postMessage({ channel: 'C1', text: 'Paid within 30 days.', blocks: [{ type: 'actions', block_id: 'controls', elements: [button] }] }));
await ask('U1 presses', { action: 'more' });
e = await next();
show(e);
await e.ack();
await settled();
for (const body of [
  { text: 'Only you see this.', replace_original: false },
  { text: 'All see this.', response_type: 'in_channel' },
  { text: 'Paid within 30 days, see clause 4.', replace_original: true },
  { blocks: 'none' },
  { text: 'The fourth.' }, { text: 'The fifth.' }, { text: 'The sixth.' },
]) {
  const answer = await fetch(e.body.response_url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  see(`response_url ${JSON.stringify(body)}: ${answer.status} ${await answer.text()}`);
}

// Connections end; the client opens another.
for (const reason of ['warning', 'refresh_requested']) {
  const connected = once('connected');
  await ask(`Slack disconnects: ${reason}`);
  await connected;
  await ask('U1 writes to the bot');
  e = await next();
  see('event', { type: e.body.event.type, text: e.body.event.text, retry_num: e.retry_num });
  await e.ack();
  await settled();
}
await app.disconnect();
await ask('how many connections are there');
see('not looked at', arrived.length);
end();
