#!/usr/bin/env bash
# cloudevents 10.0.0 (npm) and 2.2.0 (PyPI), records of CloudEvents' Kafka binding as clients hand them out.
# npm: Kafka.toEvent raises a TypeError when headers are Buffers, which they are in the clients for Node.js; it cuts the
# time to milliseconds, raises "Invalid time value" for a structured event without the optional `time`, and puts the
# record's key into partitionkey, over the ce_partitionkey of the header. Kafka.binary leaves the value an object and
# undefined headers in the message, which no client can send as it is.
# PyPI: keeps microseconds, and gives an event without `time` the moment of reading as its time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cloudevents==2.2.0
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund cloudevents@10.0.0
cat >read.js <<'JS'
import { CloudEvent, Kafka } from 'cloudevents';

const headers = {
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_id: '1',
  ce_source: '/calls',
  ce_type: 'call.placed',
  ce_time: '2026-11-29T10:00:00.123456Z',
  ce_partitionkey: 'account-1',
};
const record = { key: 'call-7', value: '{"n":1}', headers, timestamp: '1795946400123' };
const structured = {
  ...record,
  headers: { 'content-type': 'application/cloudevents+json' },
  value: JSON.stringify({ specversion: '1.0', id: '1', source: '/calls', type: 'call.placed', data: { n: 1 } }),
};
const shown = (what, read) => {
  try {
    console.log('npm', what, read());
  } catch (error) {
    console.log('npm', what, error.constructor.name, error.message);
  }
};
const asBuffers = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
shown('headers as Buffers:', () => Kafka.toEvent({ ...record, headers: asBuffers }).id);
shown('time:', () => Kafka.toEvent(record).time);
shown('partitionkey:', () => Kafka.toEvent(record).partitionkey);
shown('structured, no time:', () => Kafka.toEvent(structured).id);
const made = Kafka.binary(new CloudEvent({ id: '1', source: '/calls', type: 'call.placed', data: { n: 1 } }));
console.log('npm made:', typeof made.value, 'ce_subject' in made.headers, made.headers.ce_subject);
JS
cat >read.py <<'PY'
from datetime import datetime, timedelta, timezone
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

headers = {
    "content-type": b"application/json", "ce_specversion": b"1.0", "ce_id": b"1", "ce_source": b"/calls",
    "ce_type": b"call.placed", "ce_time": b"2026-11-29T10:00:00.123456Z",
}
read = lambda headers: from_kafka_event(KafkaMessage(headers=headers, key=b"call-7", value=b'{"n":1}')).get_attributes()
print("PyPI time:", read(headers)["time"].isoformat())
del headers["ce_time"]
invented = read(headers)["time"]
print("PyPI no time: has that of the reading", datetime.now(timezone.utc) - invented < timedelta(minutes=1))
PY
{
  node read.js
  venv/bin/python read.py
} | tee seen
cat >expected <<'TEXT'
npm headers as Buffers: TypeError contentType.startsWith is not a function
npm time: 2026-11-29T10:00:00.123Z
npm partitionkey: call-7
npm structured, no time: RangeError Invalid time value
npm made: object true undefined
PyPI time: 2026-11-29T10:00:00.123456+00:00
PyPI no time: has that of the reading True
TEXT
diff expected seen && echo 'as described'
