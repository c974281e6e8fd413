// An AI bot over the long connection, by WeCom's own client: what people do arrives and is answered, limits and
// connections end as they should.
import { WSClient } from '@wecom/aibot-node-sdk';
import { ask, end, logger, see } from './session.mjs';

const { WECOM_WS_URL: wsUrl, WECOM_BOT_ID: botId, WECOM_BOT_SECRET: secret } = process.env;

// Who closes first, and so the code, is a matter of time; what is said of JSON that is none depends on node.
const plain = (text) => `${text}`.replace(/code: 100[06]/, 'code').replace(/^(Failed to parse [^:]*).*/, '$1');
let complained = () => {};
const quiet = {
  ...logger,
  warn: (...text) => logger.warn(plain(text.join(' '))),
  error: (...text) => {
    logger.error(plain(text.join(' ')));
    complained();
  },
};

const states = ['connected', 'authenticated', 'disconnected', 'reconnecting'];

function client(name, options) {
  const c = new WSClient({ botId, secret, wsUrl, reconnectInterval: 50, logger: quiet, ...options });
  c.on('error', (e) => see(`${name} has an error: ${e.message}`));
  return c;
}

// watch says in what state a client is from now on.
function watch(name, c) {
  for (const state of states) {
    c.on(state, (what) => see(`${name} is ${state}${what === undefined ? '' : `: ${plain(what)}`}`));
  }
}

const once = (c, event) => new Promise((resolve) => { c.once(event, resolve); });

// done says how a call went.
async function done(what, promise) {
  try {
    const { errcode, errmsg } = await promise;
    see(what, { errcode, errmsg });
  } catch (e) {
    see(`${what} fails`, e instanceof Error ? plain(e.message) : { errcode: e.errcode, errmsg: e.errmsg });
  }
}

// told lets people do something and gives the frame that tells of it.
async function told(c, event, what, value) {
  const frame = once(c, event);
  await ask(what, value);
  const f = await frame;
  see(event, f.body);
  return f;
}

// Wrong rights.
const stranger = client('a stranger', { secret: 'wrong', maxAuthFailureAttempts: 1 });
watch('a stranger', stranger);
const refused = new Promise((resolve) => {
  stranger.on('error', (e) => { if (e.code === 'WS_AUTH_FAILURE_EXHAUSTED') resolve(); });
});
stranger.connect();
await refused;

// Hello.
const bot = client('the bot');
watch('the bot', bot);
const in1 = once(bot, 'authenticated');
bot.connect();
await in1;

// A question, and its answer in a stream.
let q = await told(bot, 'message.text', 'U1 says', { text: 'How late may payment be?' });
await done('a push to who has not written', bot.sendMessage('U9', { msgtype: 'markdown', markdown: { content: 'Hello?' } }));
await done('the first frame', bot.replyStream(q, 's1', 'Looking.', false, undefined, { id: 'f1' }));
const second = bot.replyStreamNonBlocking(q, 's1', 'Looking further.', false);
see('an answer is waited for', bot.hasPendingReplyAck(q));
see('a frame meanwhile', await bot.replyStreamNonBlocking(q, 's1', 'Looking around.', false));
await done('the second frame', second);
await done('too long', bot.replyStream(q, 's1', 'x'.repeat(20481), true));
await Promise.all([
  done('three at once, 1', bot.replyStream(q, 's1', 'Within', false)),
  done('three at once, 2', bot.replyStream(q, 's1', 'Within 30', false)),
  done('three at once, 3', bot.replyStream(q, 's1', 'Within **30 days**.', true)),
]);
await done('the same once more', bot.replyStream(q, 's1', 'Within **30 days**.', true));
await done('another end', bot.replyStream(q, 's1', 'Within 31 days.', true));
await done('a stream of its own', bot.replyStream(q, 's2', 'That is all.', true));
await done('text', bot.reply(q, { msgtype: 'text', text: { content: 'No.' } }));
await done('a file that is not there', bot.replyMedia(q, 'file', 'none'));
const f = await told(bot, 'event.feedback_event', 'U1 rates', { id: 'f1', type: '2', text: 'It says 60.' });
await done('a reply to a rating', bot.replyStream(f, 's1', 'Thanks.', true));

// What people can say.
for (const kind of ['image', 'voice', 'file', 'video']) {
  await told(bot, `message.${kind}`, 'U1 says', { kind, text: kind === 'voice' ? 'heard' : '' });
}
await told(bot, 'message.text', 'U1 says', { text: 'Who says so?', quote: 'Within 30 days.' });
await told(bot, 'message.text', 'U2 says', { chat: 'G1', text: 'And here?' });
await told(bot, 'message.text', 'U2 says', { chat: 'G1', text: 'And here?', mention: 'spaces' });
const g = await told(bot, 'message.mixed', 'U2 says', { chat: 'G1', text: 'Look', kind: 'mixed' });

// Cards.
const card = (task, title) => ({
  card_type: 'button_interaction', main_title: { title }, task_id: task,
  button_list: [{ text: 'Good', key: 'good', style: 1 }, { text: 'Bad', key: 'bad', style: 2 }],
});
await done('a card', bot.replyTemplateCard(g, card('t1', 'Was it good?'), { id: 'f2' }));
await done('the same task again', bot.replyTemplateCard(g, card('t1', 'Was it good?')));
await done('a card without buttons', bot.replyTemplateCard(g, { ...card('t0', 'Was it good?'), button_list: [] }));
await done('a stream with a card', bot.replyStreamWithCard(g, 's3', 'Look', false, { templateCard: card('t2', 'And this?'), streamFeedback: { id: 'f3' } }));
await done('its end', bot.replyStreamWithCard(g, 's3', 'Looked.', true));
let press = await told(bot, 'event.template_card_event', 'U3 presses', { chat: 'G1', task: 't1', key: 'bad' });
await done('a stream for a press', bot.replyStream(press, 's4', 'Pressed.', true));
await done('another task', bot.updateTemplateCard(press, card('t7', 'Thanks.')));
await done('the update', bot.updateTemplateCard(press, card('t1', 'Thanks.'), ['U3']));
await done('the update once more', bot.updateTemplateCard(press, card('t1', 'Thanks.')));
await told(bot, 'event.feedback_event', 'U3 rates', { id: 'f2', type: '1' });

// A person comes.
const enter = await told(bot, 'event.enter_chat', 'U4 comes');
await done('a stream for who comes', bot.replyStream(enter, 's5', 'Hello.', true));
await done('the welcome', bot.replyWelcome(enter, { msgtype: 'text', text: { content: 'Ask me about policies.' } }));
await done('a second welcome', bot.replyWelcome(enter, { msgtype: 'text', text: { content: 'Ask me.' } }));

// Pushes, and how many there may be.
await done('a push to a person', bot.sendMessage('U1', { msgtype: 'markdown', markdown: { content: '**News**' } }));
await done('a push to a group', bot.sendMessage('G1', { msgtype: 'template_card', template_card: card('t3', 'News') }));
await told(bot, 'message.text', 'U5 says', { text: 'hi' });
let n = 0;
try {
  for (; n < 100; n++) await bot.sendMessage('U5', { msgtype: 'markdown', markdown: { content: `${n}` } });
} catch (e) {
  see(`push ${n + 1} to U5 fails`, { errcode: e.errcode, errmsg: e.errmsg });
}

// A stream that takes too long.
q = await told(bot, 'message.text', 'U6 says', { text: 'hi' });
await done('the first frame', bot.replyStream(q, 's6', 'Looking.', false));
await ask('the life of a stream passes');
await done('too late', bot.replyStream(q, 's6', 'Found.', true));
await done('by a push', bot.sendMessage('U6', { msgtype: 'markdown', markdown: { content: 'Found.' } }));

// A frame that is none, and faults.
const complaint = new Promise((resolve) => { complained = resolve; });
await ask('WeCom sends half a document');
await complaint;
await ask('WeCom fails', { kind: 'broken' });
await done('a defect', bot.replyStream(q, 's7', 'x', true));
await ask('WeCom fails', { kind: 'wait' });
await done('too often', bot.replyStream(q, 's7', 'x', true));
await ask('WeCom fails', { kind: 'silent' });
await ask('WeCom fails', { kind: 'noise' });
await Promise.all([
  done('no answer', bot.replyStream(g, 's7', 'x', true)),
  done('an answer that is none', bot.replyStream(q, 's8', 'y', true)),
]);
await done('the same once more', bot.replyStream(q, 's8', 'y', true));

// The subscription is lost, and the connection.
await ask('WeCom forgets the subscription');
await done('without a subscription', bot.replyStream(q, 's9', 'z', true));
const in2 = once(bot, 'authenticated');
await ask('the line breaks');
await in2;
await done('after a new connection', bot.replyStream(q, 's9', 'z', true));
const gone = once(bot, 'disconnected');
const in3 = once(bot, 'authenticated');
await ask('WeCom fails', { kind: 'hang' });
await done('the line breaks before the answer', bot.replyStream(q, 's10', 'end', true));
await gone;
await in3;
await done('the same once more', bot.replyStream(q, 's10', 'end', true));

// Another client takes over, and finds out that its line is dead.
const other = client('the other', { heartbeatInterval: 1000 });
const out = once(bot, 'event.disconnected_event');
const in4 = once(other, 'authenticated');
other.connect();
see('event.disconnected_event', (await out).body);
await in4;
watch('the other', other);
await told(other, 'message.text', 'U1 says', { text: 'Who is there?' });
see('the bot is connected', bot.isConnected);
const dead = once(other, 'disconnected');
const in5 = once(other, 'authenticated');
await ask('the line goes dead');
await dead;
await in5;
q = await told(other, 'message.text', 'U1 says', { text: 'And now?' });
await done('the answer', other.replyStream(q, 's1', 'I am.', true));
other.disconnect();
await ask('how many are subscribed');
end();
