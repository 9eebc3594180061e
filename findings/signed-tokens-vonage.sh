#!/usr/bin/env bash
# @vonage/jwt 1.17.1 (npm) and vonage-jwt 1.1.5 (PyPI), verifying the token of a webhook with the right secret. One
# stamped 30 s ahead, as a sender's clock may be: npm verifies it, PyPI raises ImmatureSignatureError (no leeway, and no
# parameter for one). One with an audience: npm verifies it, PyPI raises InvalidAudienceError (no parameter for it
# either). Of an expired one npm returns false; PyPI returns False for a wrong secret alone and raises for the rest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vonage-jwt==1.1.5
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund @vonage/jwt@1.17.1
cat >verify.js <<'JS'
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { verifySignature } from '@vonage/jwt';

const secret = 'signature-secret-of-forty-letters-or-more';
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (claims, key = secret) => {
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ iss: 'Vonage', ...claims })}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
};
const now = Math.floor(Date.now() / 1000);
const tokens = {
  current: token({ iat: now - 1 }),
  '30 s ahead': token({ iat: now + 30 }),
  'with an audience': token({ iat: now - 1, aud: 'https://agent.example.com' }),
  expired: token({ iat: now - 900, exp: now - 600 }),
  'wrong secret': token({ iat: now - 1 }, `${secret}-of-another`),
};
for (const [what, text] of Object.entries(tokens)) console.log('npm', what, verifySignature(text, secret));
writeFileSync('tokens.json', JSON.stringify({ secret, tokens }));
JS
cat >verify.py <<'PY'
import json
from vonage_jwt import verify_signature

given = json.load(open("tokens.json"))
for what, token in given["tokens"].items():
    try:
        outcome = verify_signature(token, given["secret"])
    except Exception as error:
        outcome = str(error).split("(")[0]
    print("PyPI", what, outcome)
PY
{
  node verify.js
  venv/bin/python verify.py
} | tee seen
cat >expected <<'TEXT'
npm current true
npm 30 s ahead true
npm with an audience true
npm expired false
npm wrong secret false
PyPI current True
PyPI 30 s ahead ImmatureSignatureError
PyPI with an audience InvalidAudienceError
PyPI expired ExpiredSignatureError
PyPI wrong secret False
TEXT
diff expected seen && echo 'as described'
