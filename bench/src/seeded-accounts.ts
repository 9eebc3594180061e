import { mintSecret, secretHintOf } from '@ringfence/auth/key-secret';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { accountModel, type AccountStreamEvent } from '@ringfence/domain/streams/account/account-stream';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { eventFacts } from '@ringfence/event-catalog/event-facts';
import { noPrevHash } from '@ringfence/event-catalog/hash';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import { PostgresLogSegments } from '@ringfence/event-store-postgres/log-segments';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs, micros, position, streamVersion } from '@ringfence/kernel/units';
import { type ChainHead, EnvelopeWriter } from '@ringfence/lanes/envelope-writer';
import { SaltSource } from '@ringfence/lanes/salt-source';
import type { EventStore, StreamAppend } from '@ringfence/ports/log/event-store';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import {
  exampleCredit,
  exampleKeyIssued,
  exampleOpened,
  exampleUnbounded,
  exampleVerified,
  sealedExample,
} from '@ringfence/testing/examples';
import { readSecretFile } from '@ringfence/vault-postgres/secret-file';
import { join } from 'node:path';
import { benchIds as ids } from './history.js';

const accountsPerAppend = 1_000;
const creditMicros = micros(1_000_000_000_000n);

/**
 * Writes accounts with credit and a key each, as their lanes would have. The platform must be stopped.
 * @returns the secrets of the keys
 */
export async function seedAccounts(dataDir: string, count: number): Promise<readonly string[]> {
  const pepper = await readSecretFile(join(dataDir, 'pepper'));
  if (pepper === undefined) throw new Error(`${dataDir} has no pepper`);
  const hasher = new SecretHasher(KeyRing.parse(pepper, 'pepper'));
  const server = await startEmbeddedPostgres({ dataDir });
  const pool = openPool(server.url, { connectionsMax: 2 });
  const store = await PostgresEventStore.open(pool);
  try {
    const envelopes = await envelopesOf(store);
    const secrets: string[] = [];
    while (secrets.length < count) {
      const appends: StreamAppend[] = [];
      for (; appends.length < accountsPerAppend && secrets.length < count;) {
        const secret = mintSecret('test');
        secrets.push(secret.text);
        const issued = { digest: hasher.digestOf(secret), secretHint: secretHintOf(secret) };
        appends.push(openedAccount(envelopes, secrets.length, issued));
      }
      await store.append({ appends, unchanged: [], outcomes: [], fences: [] });
    }
    return secrets;
  } finally {
    await store.close();
    await pool.end();
    await server.stop();
  }
}

/** Moves into segments what the default hot window leaves over, as a platform does in time. It must be stopped. */
export async function moveColdEvents(dataDir: string): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir });
  const pool = openPool(server.url, { connectionsMax: 1 });
  const segments = new PostgresLogSegments(pool);
  try {
    while ((await segments.moveCold({ hotEvents: 65_536, pages: 64 })).outcome === 'moved');
  } finally {
    await pool.end();
    await server.stop();
  }
}

async function envelopesOf(store: EventStore): Promise<EnvelopeWriter> {
  const [first] = await store.readAll(position(0), 1);
  if (first === undefined) throw new Error('the log is empty');
  return new EnvelopeWriter(decodeRecorded(first).logId, ids, new SaltSource());
}

type Issued = Pick<ReturnType<typeof exampleKeyIssued>, 'digest' | 'secretHint'>;

function openedAccount(envelopes: EnvelopeWriter, number: number, { digest, secretHint }: Issued): StreamAppend {
  const accountId = ids.accountId();
  const nowMs = epochMs(Date.now());
  const context = {
    stream: accountId,
    commandId: ids.commandId(),
    decidedAtMs: nowMs,
    issuedBy: { kind: 'operator', id: 'bench', version: 0 } as const,
    traceparent: null,
  };
  let state = accountModel.initialState;
  let end: ChainHead = { version: streamVersion(0), prevHash: noPrevHash };
  const events = opening(accountId, number, digest, secretHint, nowMs).map((event) => {
    const after = accountModel.evolve(state, event);
    const written = envelopes.write(event, eventFacts(event, { before: state, after }), context, end);
    state = after;
    ({ end } = written);
    return written.toAppend;
  });
  return { stream: accountId, expectedVersion: streamVersion(0), events, nextDueMs: null };
}

/** Events of an account that may place calls. No two keys have the same labels. */
function opening(
  accountId: AccountId,
  number: number,
  digest: Issued['digest'],
  secretHint: string,
  nowMs: ReturnType<typeof epochMs>,
): readonly AccountStreamEvent[] {
  const labels = { project: `project-${String(number % 100)}`, application: `application-${String(number)}` };
  const issued = exampleKeyIssued({ ...exampleUnbounded, ...labels }, ids.keyId());
  return [
    { ...exampleOpened, accountId, name: sealedExample(`account ${String(number)}`), openedAtMs: nowMs },
    { ...exampleVerified, accountId, verifiedAtMs: nowMs },
    { ...exampleCredit, accountId, amountMicros: creditMicros, addedAtMs: nowMs },
    { ...issued, accountId, digest, secretHint, policyHash: policyHashOf(issued.policy), issuedAtMs: nowMs },
  ];
}
