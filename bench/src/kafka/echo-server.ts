// The baseline of the platform: it consumes commands, verifies the signature of each, writes the rows that an accepted
// call leaves in the log, and replies, with the bare client and nothing of Ringfence. It takes the commands that have
// arrived, at most as many as a lane takes, and answers when they are durable.
import { createPublicKey, verify } from 'node:crypto';
import { compatibilityPartitioner, Consumer, type Message, ProduceAcks, Producer } from '@platformatic/kafka';
import pg from 'pg';
import { ulid } from 'ulid';
import type { EchoSettings } from './echo-process.js';

const batchMax = 256;
const connectionsMax = 4;
const fetchWaitMsMax = 250;
const dueInMs = 65_000;
const insertSql = `with head as (update log.head set next = next + $1 returning next - $1 as first),
  streamed as (insert into log.stream (stream, version, next_due_ms) select *, $4::bigint from unnest($2::text[], $3::integer[])
    on conflict (stream) do update set version = excluded.version, next_due_ms = excluded.next_due_ms),
  placed as (insert into log.event (position, stream, version, type, subject, bytes)
    select first + ordinal - 1, stream, version, 'ringfence.call.placed.v1', subject, bytes
    from head, unnest($5::text[], $6::integer[], $7::text[], $8::bytea[]) with ordinality as event (stream, version, subject, bytes, ordinal))
  insert into log.outcome (stream, command_id, fingerprint, accepted, body, position)
  select stream, command_id, fingerprint, true, body, first + ordinal - 1
  from head, unnest($5::text[], $9::text[], $10::bytea[], $11::bytea[]) with ordinality as outcome (stream, command_id, fingerprint, body, ordinal)`;

const { brokers, databaseUrl, topics, publicKey, eventBytes } = JSON.parse(process.argv[2] ?? '{}') as EchoSettings;
const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
const pool = new pg.Pool({ connectionString: databaseUrl, max: connectionsMax });
const client = { clientId: 'echo', bootstrapBrokers: [...brokers] };
const text = {
  serialize: (value?: string) => Buffer.from(value ?? ''),
  read: (value?: Buffer) => value?.toString() ?? '',
};
const producer = new Producer<string, Buffer, string, string>({
  ...client,
  idempotent: true,
  acks: ProduceAcks.ALL,
  partitioner: compatibilityPartitioner,
  serializers: { key: text.serialize, value: (value) => value, headerKey: text.serialize, headerValue: text.serialize },
});
const consumer = new Consumer<string, Buffer, string, string>({
  ...client,
  groupId: 'echo',
  autocommit: true,
  maxWaitTime: fetchWaitMsMax,
  deserializers: {
    key: text.read,
    value: (value) => value ?? Buffer.alloc(0),
    headerKey: text.read,
    headerValue: text.read,
  },
});

type Command = Message<string, Buffer, string, string>;
const waiting: Command[] = [];
let running = false;
const versions = new Map<string, number>();
const event = Buffer.alloc(eventBytes, 'x');
const fingerprint = Buffer.alloc(32);
const outcome = Buffer.from(JSON.stringify({ call_id: `cs_${ulid()}` }));
const reply = Buffer.from(
  JSON.stringify({ position: 1, replayed: false, result: { call_id: `cs_${ulid()}` }, status: 'accepted' }),
);

const stream = await consumer.consume({ topics: [topics.commands], mode: 'latest' });
stream.on('data', (command: Command) => {
  waiting.push(command);
  if (running) return;
  running = true;
  setImmediate(() => void run());
});
console.log('ready');

process.once('SIGTERM', () => {
  void Promise.all([stream.close(), producer.close(true), pool.end()])
    .then(() => consumer.close(true))
    .finally(() => process.exit(0));
});

async function run(): Promise<void> {
  while (waiting.length > 0) {
    const batch = waiting.splice(0, batchMax);
    await Promise.all(batch.map(verified));
    await insert(batch);
    await producer.send({ messages: batch.map(replyTo) });
  }
  running = false;
}

function verified({ headers }: Command): Promise<void> {
  const [head = '', payload = '', signature = ''] = (headers.get('ce_signature') ?? '').split('.');
  return new Promise((resolve, reject) => {
    verify(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'), (fault, right) => {
      if (right) resolve();
      else reject(fault ?? new Error('a signature is wrong'));
    });
  });
}

async function insert(batch: readonly Command[]): Promise<void> {
  const numbered = batch.map(({ key: account }) => {
    const version = (versions.get(account) ?? 0) + 1;
    versions.set(account, version);
    return { account, version };
  });
  const touched = [...new Set(numbered.map(({ account }) => account))];
  await pool.query({
    name: 'echo',
    text: insertSql,
    values: [
      batch.length,
      touched,
      touched.map((account) => versions.get(account)),
      Date.now() + dueInMs,
      numbered.map(({ account }) => account),
      numbered.map(({ version }) => version),
      batch.map(() => `cs_${ulid()}`),
      batch.map(() => event),
      batch.map(({ headers }) => headers.get('ce_id')),
      batch.map(() => fingerprint),
      batch.map(() => outcome),
    ],
  });
}

function replyTo({ headers, key: account }: Command) {
  const [partition = '0', correlation = ''] = (headers.get('ce_replyto') ?? '').split('.');
  const answer = {
    ce_id: correlation,
    ce_type: 'ringfence.command.outcome.v1',
    ce_subject: headers.get('ce_id') ?? '',
  };
  return { topic: topics.replies, key: account, partition: Number(partition), headers: answer, value: reply };
}
