#!/usr/bin/env bash
# twilio 9.13.0 (PyPI) and twilio 6.3.1 (npm), TwiML builders: an attribute with several values, given as a list. npm
# joins the list with spaces, which TwiML asks for. PyPI writes the text of the Python list, brackets and quotes
# included, into the document, and reports nothing. Its REST half takes the same lists (`status_callback_event=[…]` of
# calls.create) and sends them rightly, so the list is what a caller tries first. A reader of TwiML has to refuse
# `['dtmf', 'speech']` with words that say so, or the input is silently another one than was meant.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check twilio==9.13.0
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund twilio@6.3.1
cat >build.py <<'PY'
from twilio.twiml.voice_response import VoiceResponse

def shown(build):
    response = VoiceResponse()
    build(response)
    print("PyPI", str(response)[38:])

shown(lambda r: r.gather(input=["dtmf", "speech"]))
shown(lambda r: r.gather(input="dtmf speech"))
shown(lambda r: r.dial().number("+15005550006", status_callback_event=["initiated", "completed"]))
shown(lambda r: r.record(recording_status_callback_event=["completed"]))
PY
cat >build.js <<'JS'
import twilio from 'twilio';

const shown = (build) => {
  const response = new twilio.twiml.VoiceResponse();
  build(response);
  console.log('npm', response.toString().slice(38));
};
shown((r) => r.gather({ input: ['dtmf', 'speech'] }));
shown((r) => r.dial().number({ statusCallbackEvent: ['initiated', 'completed'] }, '+15005550006'));
shown((r) => r.record({ recordingStatusCallbackEvent: ['completed'] }));
JS
{
  venv/bin/python build.py
  node build.js
} | tee seen
cat >expected <<'TEXT'
PyPI <Response><Gather input="['dtmf', 'speech']" /></Response>
PyPI <Response><Gather input="dtmf speech" /></Response>
PyPI <Response><Dial><Number statusCallbackEvent="['initiated', 'completed']">+15005550006</Number></Dial></Response>
PyPI <Response><Record recordingStatusCallbackEvent="['completed']" /></Response>
npm <Response><Gather input="dtmf speech"/></Response>
npm <Response><Dial><Number statusCallbackEvent="initiated completed">+15005550006</Number></Dial></Response>
npm <Response><Record recordingStatusCallbackEvent="completed"/></Response>
TEXT
diff expected seen && echo 'as described'
