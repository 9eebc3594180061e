#!/usr/bin/env bash
# twilio 9.13.0 (PyPI) and twilio 6.3.1 (npm), the same refusal (401 with Twilio's error body) of a fetch, a create and a
# list. npm raises RestException with status and code for each. PyPI does so for fetch and create; for a list it raises
# the base class TwilioException, which has neither: a handler of TwilioRestException does not catch it, and the code is
# only in the text of the response that is the exception's second argument. No answer of a server changes this.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check twilio==9.13.0
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund twilio@6.3.1
cat >ask.py <<'PY'
import json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

refusal = json.dumps({"code": 20003, "message": "Authenticate", "more_info": "https://www.twilio.com/docs/errors/20003", "status": 401})

class Refusing(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(refusal)))
        self.end_headers()
        self.wfile.write(refusal.encode())
    do_POST = do_GET
    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Refusing)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = Client("AC" + "0" * 32, "key")
client.api.base_url = f"http://127.0.0.1:{server.server_port}"

def shown(what, call):
    try:
        call()
    except TwilioException as error:
        print("PyPI", what, type(error).__name__, getattr(error, "status", "no status"), getattr(error, "code", "no code"))

shown("fetch", lambda: client.calls("CA" + "0" * 32).fetch())
shown("create", lambda: client.calls.create(to="+15005550006", from_="+15005550006", url="https://example.com"))
shown("list", lambda: client.calls.list())
PY
cat >ask.js <<'JS'
import { createServer } from 'node:http';
import twilio from 'twilio';

const refusal = { code: 20003, message: 'Authenticate', more_info: 'https://www.twilio.com/docs/errors/20003', status: 401 };
const server = createServer((_, response) => {
  response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = twilio(`AC${'0'.repeat(32)}`, 'key');
client.api.baseUrl = `http://127.0.0.1:${server.address().port}`;
const shown = (what, call) =>
  call.catch((error) => console.log('npm', what, error.constructor.name, error.status, error.code));
await shown('fetch', client.calls(`CA${'0'.repeat(32)}`).fetch());
await shown('create', client.calls.create({ to: '+15005550006', from: '+15005550006', url: 'https://example.com' }));
await shown('list', client.calls.list());
server.close();
JS
{
  venv/bin/python ask.py
  node ask.js
} | tee seen
cat >expected <<'TEXT'
PyPI fetch TwilioRestException 401 20003
PyPI create TwilioRestException 401 20003
PyPI list TwilioException no status no code
npm fetch RestException 401 20003
npm create RestException 401 20003
npm list RestException 401 20003
TEXT
diff expected seen && echo 'as described'
