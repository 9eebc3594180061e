#!/usr/bin/env bash
# Requests of RFC 3261 read by three libraries for Node.js. drachtio-sip 0.6.3 and sip 0.0.6 take "[2001" for the host of
# a Via with an IPv6 address and have neither its port nor its branch, the key of the transaction; what sip then writes
# lacks the rest of the line. jssip 3.13.8 has no message at all when From or To is a tel: URI, as from a gateway; of two
# Via values in one line it counts one and takes the branch of the last, where the first is that of the transaction.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund drachtio-sip@0.6.3 sip@0.0.6 jssip@3.13.8
cat >read.js <<'JS'
import drachtio from 'drachtio-sip';
import sip from 'sip/sip.js';
import jssip from './node_modules/jssip/lib/Parser.js';

const request = ({ via = 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1', from = '<sip:a@example.com>' }) =>
  `INVITE sip:b@example.com SIP/2.0\r\nVia: ${via}\r\nFrom: ${from};tag=1\r\nTo: <sip:b@example.com>\r\n` +
  'Call-ID: c1@example.com\r\nCSeq: 1 INVITE\r\nContact: <sip:a@192.0.2.1>\r\nContent-Length: 0\r\n\r\n';
const requests = {
  'IPv4 Via': request({}),
  'IPv6 Via': request({ via: 'SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1' }),
  'two Via in one line': request({
    via: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK2, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  }),
  'tel: in From': request({ from: '<tel:+15005550100>' }),
};
for (const [what, text] of Object.entries(requests)) {
  const [first] = new drachtio.SipMessage(text).getParsedHeader('via');
  const [top] = sip.parse(text).headers.via;
  const read = jssip.parseMessage(text, {});
  console.log(`${what}: drachtio-sip ${first.host} ${first.params.branch}`);
  console.log(`${what}: sip ${top.host} ${top.params.branch}`);
  console.log(`${what}: jssip ${read === undefined ? 'no message' : `${read.getHeaders('via').length} ${read.via_branch}`}`);
}
const [, written] = sip.stringify(sip.parse(requests['IPv6 Via'])).split('\r\n');
console.log(`sip writes: ${written}`);
JS
node read.js | tee seen
cat >expected <<'TEXT'
IPv4 Via: drachtio-sip 192.0.2.1 z9hG4bK1
IPv4 Via: sip 192.0.2.1 z9hG4bK1
IPv4 Via: jssip 1 z9hG4bK1
IPv6 Via: drachtio-sip [2001 undefined
IPv6 Via: sip [2001 undefined
IPv6 Via: jssip 1 z9hG4bK1
two Via in one line: drachtio-sip 192.0.2.9 z9hG4bK2
two Via in one line: sip 192.0.2.9 z9hG4bK2
two Via in one line: jssip 1 z9hG4bK1
tel: in From: drachtio-sip 192.0.2.1 z9hG4bK1
tel: in From: sip 192.0.2.1 z9hG4bK1
tel: in From: jssip no message
sip writes: Via: SIP/2.0/UDP [2001
TEXT
diff expected seen && echo 'as described'
