// What the sessions share. A session says what it sees on its standard output, one line each; a line that begins
// with "? " asks the driver to play people, or Slack, and the driver answers with a line of JSON.
import { createInterface } from 'node:readline';

export const { SLACK_URL: base, SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken } = process.env;

const input = createInterface({ input: process.stdin });
const answers = input[Symbol.asyncIterator]();

export function see(what, value) {
  console.log(value === undefined ? what : `${what} ${JSON.stringify(value)}`);
}

export async function ask(what, value) {
  see(`? ${what}`, value);
  const { value: line, done } = await answers.next();
  if (done) throw new Error(`the driver did not answer: ${what}`);
  const answer = JSON.parse(line);
  if (answer !== null) see('  answer', answer);
  return answer;
}

// call makes a call and says how it went. Scopes are long and in every answer.
export async function call(what, promise) {
  try {
    const result = await promise;
    const { response_metadata: { scopes, acceptedScopes, ...meta } = {}, ...rest } = result;
    see(what, Object.keys(meta).length ? { ...rest, response_metadata: meta } : rest);
    return result;
  } catch (e) {
    see(`${what} failed: ${e.data?.error ?? e.message}`, e.data?.response_metadata?.messages);
  }
}

export function end() {
  see('the end');
  input.close();
}

// A warning or an error that a client logs is something seen, too.
export const logger = {
  debug() {},
  info() {},
  warn: (...text) => see(`the client warns: ${text.join(' ')}`),
  error: (...text) => see(`the client complains: ${text.join(' ')}`),
  setLevel() {},
  getLevel: () => 'info',
  setName() {},
};
