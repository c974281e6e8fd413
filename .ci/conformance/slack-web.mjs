// A bot that calls the Web API: messages, streams, a home tab, threads, and what goes wrong with each.
import { WebClient } from '@slack/web-api';
import { ask, base, botToken, call, end, logger, see } from './session.mjs';

const options = { slackApiUrl: `${base}/api/`, logger, retryConfig: { retries: 2, minTimeout: 0, maxTimeout: 1 } };
const web = new WebClient(botToken, options);
web.on('rate_limited', (seconds) => see(`told to wait for ${seconds} s`));

const section = (text) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const metadata = (n) => ({ event_type: 'answer', event_payload: { n } });
const channel = 'C1';

// Who the bot is, and who it is not.
const self = await call('auth.test', web.auth.test());
see('scopes come in a header', self.response_metadata.scopes.includes('chat:write'));
await call('auth.test with a wrong token', new WebClient('xoxb-wrong', options).auth.test());
await call('a method that is none', web.apiCall('policy.ask'));

// Messages.
const posted = await call('chat.postMessage', web.chat.postMessage({ channel, text: 'Paid within 30 days.', blocks: [section('Paid within *30 days*.')], metadata: metadata(1) }));
const thread = { channel, thread_ts: posted.ts };
await call('chat.postMessage nowhere', web.chat.postMessage({ channel: 'C404', text: 'Hello.' }));
await call('chat.postMessage of nothing', web.chat.postMessage({ channel, text: '' }));
await call('chat.postMessage of no block', web.chat.postMessage({ channel, text: 'x', blocks: [{ type: 'section' }] }));
await call('chat.update', web.chat.update({ channel, ts: posted.ts, text: 'Paid within 45 days.', blocks: [section('Paid within *45 days*.')] }));
await call('chat.update of another', web.chat.update({ channel, ts: '1000000000.000001', text: 'x' }));
await call('chat.postEphemeral', web.chat.postEphemeral({ channel, user: 'U1', text: 'Only you see this.' }));
const spare = await web.chat.postMessage({ channel, text: 'A mistake.' });
await call('chat.delete', web.chat.delete({ channel, ts: spare.ts }));
await call('chat.getPermalink', web.chat.getPermalink({ channel, message_ts: posted.ts }));
await call('conversations.open', web.conversations.open({ users: 'U1', return_im: true }));
await call('users.info', web.users.info({ user: 'U1', include_locale: true }));

// A stream in the thread, with a status before it.
await call('assistant.threads.setStatus', web.assistant.threads.setStatus({ channel_id: channel, thread_ts: posted.ts, status: 'is reading', loading_messages: ['Reading clause 4', 'Reading clause 5'] }));
await ask('what is said of the thread', { ts: posted.ts });
const stream = () => web.chatStream({ ...thread, recipient_team_id: 'T0000001', recipient_user_id: 'U1', buffer_size: 10 });
const streamer = stream();
await call('append, kept back', streamer.append({ markdown_text: 'Paid ' }).then((held) => ({ held })));
await call('append', streamer.append({ markdown_text: 'within **30 days**' }));
await call('append chunks', streamer.append({
  markdown_text: ', ',
  chunks: [
    { type: 'task_update', id: 'read', title: 'Read clause 4', status: 'complete' },
    { type: 'blocks', blocks: [{ type: 'divider' }] },
    { type: 'markdown_text', text: 'see clause 4' },
  ],
}));
await call('append of a chunk that is none', streamer.append({ chunks: [{ type: 'picture' }] }));
await call('stop', streamer.stop({ markdown_text: '.', blocks: [section('*Sources*: clause 4')], metadata: metadata(2) }));
await ask('what is said of the thread', { ts: posted.ts });
const bare = web.chatStream({ channel, thread_ts: posted.ts });
await call('a stream for nobody', bare.stop({ markdown_text: 'x' }));

// Slack closes a stream by itself, and a person does.
const slow = stream();
await call('append', slow.append({ markdown_text: 'This takes a while' }));
await ask('six minutes pass');
await call('append too late', slow.append({ markdown_text: ' and is too late' }));
await call('stop too late', slow.stop());
await call('chat.update of what expired', web.chat.update({ channel, ts: slow.ts, text: 'This took a while.' }));
const stopped = stream();
await call('append', stopped.append({ markdown_text: 'You may read this' }));
await ask('U1 presses stop', { ts: posted.ts });
await call('append after that', stopped.append({ markdown_text: ' or this, or this' }));
await call('stop after that', stopped.stop());

// Too many calls.
await ask('Slack limits chat.postMessage');
await call('chat.postMessage', web.chat.postMessage({ ...thread, text: 'After a second.' }));

// The home tab.
const home = (text) => ({ type: 'home', blocks: [section(text)] });
const published = await call('views.publish', web.views.publish({ user_id: 'U1', view: home('Welcome') }));
await call('views.publish', web.views.publish({ user_id: 'U1', hash: published.view.hash, view: home('Welcome back') }));
await call('views.publish over another', web.views.publish({ user_id: 'U1', hash: published.view.hash, view: home('Hello') }));
await call('views.publish of no view', web.views.publish({ user_id: 'U1', view: { type: 'home', blocks: [{ type: 'section' }] } }));

// The thread again, in pages.
await ask('U1 replies', { ts: posted.ts });
const line = ({ text, user, bot_id, metadata, streaming_state, edited }) => ({ text, user, bot_id, metadata, streaming_state, edited: edited && true });
for (const include_all_metadata of [true, false]) {
  for await (const page of web.paginate('conversations.replies', { channel, ts: posted.ts, limit: 2, include_all_metadata })) {
    see('a page', { more: page.has_more, cursor: page.response_metadata.next_cursor });
    for (const message of page.messages) see('  message', line(message));
  }
}
await call('conversations.replies of no thread', web.conversations.replies({ channel, ts: '1000000000.000001' }));
await call('conversations.replies from a wrong cursor', web.conversations.replies({ channel, ts: posted.ts, cursor: 'x' }));
end();
