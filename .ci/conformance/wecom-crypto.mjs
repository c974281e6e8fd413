// WeCom's own cipher. Each line of standard input asks it to seal a text, or to open a sealed one; each line of
// standard output answers, in order. An answer is what the cipher gave, or why it gave nothing.
import { createInterface } from 'node:readline';
import { WecomCrypto } from '@wecom/aibot-node-sdk';

function answer({ token, key, receiver, timestamp, nonce, text, sealed, signature }) {
  const crypto = new WecomCrypto(token, key, receiver);
  if (sealed === undefined) {
    const made = crypto.encrypt(text, timestamp, nonce);
    return { sealed: made.encrypt, signature: made.signature };
  }
  return { holds: crypto.verifySignature(signature, timestamp, nonce, sealed), text: crypto.decrypt(sealed) };
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = answer(JSON.parse(line));
  } catch (e) {
    said = { error: e.message };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
