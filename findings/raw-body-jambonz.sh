#!/usr/bin/env bash
# @jambonz/node-client 0.4.11 and its successor @jambonz/sdk 0.10.1, the same signed webhook, body kept as the bytes that
# were signed (express.raw, as verifiers of other webhooks ask for). node-client verifies them. sdk turns the Buffer into
# JSON of its own, {"type":"Buffer",...}, and refuses: "signature verification failed"; it verifies a text. Of two secrets
# in an array, for a rotation, node-client tries each; sdk passes a TypeError on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund @jambonz/node-client@0.4.11 @jambonz/sdk@0.10.1
cat >verify.js <<'JS'
import { createHmac } from 'node:crypto';
import nodeClient from '@jambonz/node-client';
import * as sdk from '@jambonz/sdk/webhook';

const body = '{"call_sid":"5f2c","duration":12}';
const stamp = String(Math.floor(Date.now() / 1000));
const signature = createHmac('sha256', 'current').update(`${stamp}.${body}`).digest('hex');
const header = `t=${stamp},v1=${signature}`;
const request = (content) => ({ url: '/', headers: { 'jambonz-signature': header }, get: () => header, body: content });
const shown = (what, middleware, content) => {
  let outcome = 'no answer';
  try {
    middleware()(request(content), {}, (error) => (outcome = error === undefined ? 'verified' : `${error.name} ${error.message.slice(0, 38)}`));
  } catch (error) {
    outcome = `raised ${error.message}`;
  }
  console.log(what, outcome);
};
const old = (secret) => () => nodeClient.WebhookResponse.verifyJambonzSignature(secret);
const now = (secret) => () => sdk.WebhookResponse.verifySignature(secret);
for (const [kind, content] of Object.entries({ text: body, parsed: JSON.parse(body), bytes: Buffer.from(body) })) {
  shown(`node-client ${kind}:`, old('current'), content);
  shown(`sdk ${kind}:`, now('current'), content);
}
shown('node-client two secrets:', old(['next', 'current']), body);
shown('sdk two secrets:', now(['next', 'current']), body);
JS
node verify.js | tee seen
cat >expected <<'TEXT'
node-client text: verified
sdk text: verified
node-client parsed: verified
sdk parsed: verified
node-client bytes: verified
sdk bytes: Error Webhook signature verification failed
node-client two secrets: verified
sdk two secrets: TypeError The "key" argument must be of type str
TEXT
diff expected seen && echo 'as described'
