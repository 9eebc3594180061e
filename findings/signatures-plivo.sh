#!/usr/bin/env bash
# plivo 4.79.0 (npm) and 4.63.0 (PyPI), X-Plivo-Signature-V3 of valid requests, signed over the parameters as they read.
# Both put a question mark before the parameters of a POST whose URL has no query. A GET whose URL holds a caller's name
# with a letter beyond ASCII, percent-encoded: npm verifies it, PyPI raises UnicodeEncodeError, though it verifies the
# same name in a POST. A GET with its parameters given twice, in the URL and as the framework's parsed query: PyPI counts
# them once and verifies, npm counts them twice and refuses.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check plivo==4.63.0
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund plivo@4.79.0
cat >requests.json <<'JSON'
[
  ["POST", "POST", "https://agent.example.com/answer", { "CallerName": "Jörg" }, "?CallerNameJörg"],
  ["GET, ASCII", "GET", "https://agent.example.com/answer?CallerName=Jo", {}, "?CallerName=Jo"],
  ["GET, percent-encoded", "GET", "https://agent.example.com/answer?CallerName=J%C3%B6rg", {}, "?CallerName=Jörg"],
  ["GET, query twice", "GET", "https://agent.example.com/answer?CallerName=Jo", { "CallerName": "Jo" }, "?CallerName=Jo"]
]
JSON
cat >verify.js <<'JS'
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import plivo from 'plivo';

for (const [what, method, url, params, signed] of JSON.parse(readFileSync('requests.json', 'utf8'))) {
  const text = `https://agent.example.com/answer${signed}.12345`;
  const signature = createHmac('sha256', 'token').update(text).digest('base64');
  console.log('npm', what, plivo.validateV3Signature(method, url, '12345', 'token', signature, params));
}
JS
cat >verify.py <<'PY'
import base64, hashlib, hmac, json
from plivo.utils import validate_v3_signature

for what, method, url, params, signed in json.load(open("requests.json", encoding="utf-8")):
    text = f"https://agent.example.com/answer{signed}.12345"
    signature = base64.b64encode(hmac.digest(b"token", text.encode(), hashlib.sha256)).decode()
    try:
        outcome = validate_v3_signature(method, url, "12345", "token", signature, params)
    except Exception as error:
        outcome = type(error).__name__
    print("PyPI", what, outcome)
PY
{
  node verify.js
  venv/bin/python verify.py
} | tee seen
cat >expected <<'TEXT'
npm POST true
npm GET, ASCII true
npm GET, percent-encoded true
npm GET, query twice false
PyPI POST True
PyPI GET, ASCII True
PyPI GET, percent-encoded UnicodeEncodeError
PyPI GET, query twice True
TEXT
diff expected seen && echo 'as described'
