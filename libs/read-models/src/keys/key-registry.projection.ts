import { readFileSync } from 'node:fs';
import type { AccountLimitsSet } from '@ringfence/domain/accounts/account.events';
import type {
  KeyIssued,
  RevocationReason,
  SecretDigest,
  SigningKeyRegistered,
} from '@ringfence/domain/keys/key.events';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { Actor } from '@ringfence/domain/shared/values';
import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import { split } from '@ringfence/kernel/split';
import type { Projection } from '@ringfence/projections/projection';
import { rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import { keyRegistryName, keyRegistryVersion } from './key-registry-version.js';
import { policyText } from './policy-text.js';

type Previous = { readonly digest: SecretDigest; readonly untilMs: EpochMs };
/** The first event of a key: issued with a secret, or registered with a public key. */
type Begun = {
  readonly event: KeyIssued | SigningKeyRegistered;
  readonly position: Position;
  readonly issuedBy: Actor;
};
/** The changes that one batch makes to a key, or the whole row of a key that is issued in it; null: none. */
type KeyChange = {
  readonly keyId: KeyId;
  begun: Begun | null;
  digest: SecretDigest | null;
  secretHint: string | null;
  /** null, where `previousChanged`: the overlap has ended. */
  previous: Previous | null;
  previousChanged: boolean;
  keyVersion: number | null;
  policy: KeyPolicy | null;
  policyHash: string | null;
  rotatedAtMs: EpochMs | null;
  policyChangedAtMs: EpochMs | null;
  revokedAtMs: EpochMs | null;
  revocationReason: RevocationReason | null;
};
type Batch = {
  readonly keys: Map<KeyId, KeyChange>;
  /** The limits set last, by account and mode. */
  readonly limits: Map<string, AccountLimitsSet>;
};

const keyRegistry: Projection<Batch> = {
  name: keyRegistryName,
  version: keyRegistryVersion,
  // Gateways authenticate by these rows, and a parked stream could hide a revocation: the projection stops instead, and
  // gateways read the log.
  order: 'log',
  tables: readFileSync(new URL('key-registry.sql', import.meta.url), 'utf8'),
  newBatch: () => ({ keys: new Map(), limits: new Map() }),
  on: {
    keys: {
      KeyIssued: ({ data, position, issuedBy }, batch) => {
        const change = changeOf(batch, data.keyId);
        begin(change, { event: data, position, issuedBy });
        change.digest = data.digest;
        change.secretHint = data.secretHint;
      },
      SigningKeyRegistered: ({ data, position, issuedBy }, batch) => {
        begin(changeOf(batch, data.keyId), { event: data, position, issuedBy });
      },
      KeyRotated: ({ data }, batch) => {
        const change = changeOf(batch, data.keyId);
        change.digest = data.digest;
        change.secretHint = data.secretHint;
        change.previous = { digest: data.previousDigest, untilMs: data.overlapUntilMs };
        change.previousChanged = true;
        change.keyVersion = data.keyVersion;
        change.rotatedAtMs = data.rotatedAtMs;
      },
      KeyOverlapEnded: ({ data }, batch) => {
        const change = changeOf(batch, data.keyId);
        change.previous = null;
        change.previousChanged = true;
      },
      KeyPolicyChanged: ({ data }, batch) => {
        const change = changeOf(batch, data.keyId);
        change.policy = data.policy;
        change.policyHash = data.policyHash;
        change.keyVersion = data.keyVersion;
        change.policyChangedAtMs = data.changedAtMs;
      },
      KeyRevoked: ({ data }, batch) => {
        const change = changeOf(batch, data.keyId);
        change.keyVersion = data.keyVersion;
        change.revokedAtMs = data.revokedAtMs;
        change.revocationReason = data.reason;
      },
    },
    accounts: {
      AccountLimitsSet: ({ data }, { limits }) => {
        limits.set(`${data.accountId} ${data.mode}`, data);
      },
      AccountOpened: 'ignore',
      AccountVerified: 'ignore',
      AccountSuspended: 'ignore',
      AccountResumed: 'ignore',
      AccountTimeZoneChanged: 'ignore',
      CreditAdded: 'ignore',
      SubjectErased: 'ignore',
    },
    calls: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    apps: 'ignore',
    trunks: 'ignore',
    numbers: 'ignore',
    inventory: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The current state of all keys, so that a gateway need not read the whole log at its start. */
export const keyRegistryProjection = runnable(keyRegistry);

function begin(change: KeyChange, begun: Begun): void {
  change.begun = begun;
  change.keyVersion = 1;
  change.policy = begun.event.policy;
  change.policyHash = begun.event.policyHash;
}

function changeOf({ keys }: Batch, keyId: KeyId): KeyChange {
  return getOrInsert(keys, keyId, () => ({
    keyId,
    begun: null,
    digest: null,
    secretHint: null,
    previous: null,
    previousChanged: false,
    keyVersion: null,
    policy: null,
    policyHash: null,
    rotatedAtMs: null,
    policyChangedAtMs: null,
    revokedAtMs: null,
    revocationReason: null,
  }));
}

function write(batch: Batch, tx: OpenTransaction): void {
  const [begun, changed] = split(batch.keys.values(), hasBegun);
  begunRows.write(tx, insertKeys, begun);
  changedRows.write(tx, updateKeys, changed);
  rateRows.write(tx, upsertRates, batch.limits.values());
}

type BegunKey = KeyChange & { begun: Begun };
function hasBegun(change: KeyChange): change is BegunKey {
  return change.begun !== null;
}

/** The columns that both statements write. */
const changing = {
  pepper_id: ['text', (key: KeyChange) => key.digest?.pepperId ?? null],
  hmac_sha256: ['text', (key: KeyChange) => key.digest?.hmacSha256 ?? null],
  secret_hint: ['text', (key: KeyChange) => key.secretHint],
  key_version: ['int4', (key: KeyChange) => key.keyVersion],
  policy: ['text', (key: KeyChange) => (key.policy === null ? null : policyText(key.policy))],
  policy_hash: ['text', (key: KeyChange) => key.policyHash],
  rotated_at_ms: ['int8', (key: KeyChange) => key.rotatedAtMs],
  policy_changed_at_ms: ['int8', (key: KeyChange) => key.policyChangedAtMs],
  revoked_at_ms: ['int8', (key: KeyChange) => key.revokedAtMs],
  revocation_reason: ['text', (key: KeyChange) => key.revocationReason],
} as const;
const previous = {
  previous_pepper_id: ['text', (key: KeyChange) => key.previous?.digest.pepperId ?? null],
  previous_hmac_sha256: ['text', (key: KeyChange) => key.previous?.digest.hmacSha256 ?? null],
  previous_until_ms: ['int8', (key: KeyChange) => key.previous?.untilMs ?? null],
} as const;

const begunRows = rowSet<BegunKey>({
  key_id: ['text', (key) => key.keyId],
  issued_position: ['int8', (key) => key.begun.position],
  account_id: ['text', (key) => key.begun.event.accountId],
  mode: ['text', (key) => key.begun.event.mode],
  parent_key_id: ['text', (key) => key.begun.event.parentKeyId],
  label_subject: ['text', (key) => key.begun.event.label.subjectId],
  label_ciphertext: ['text', (key) => key.begun.event.label.ciphertext],
  public_key: ['text', ({ begun: { event } }) => (event.type === 'KeyIssued' ? null : event.publicKey)],
  issued_by_kind: ['text', (key) => key.begun.issuedBy.kind],
  issued_by_id: ['text', (key) => key.begun.issuedBy.id],
  issued_at_ms: [
    'int8',
    ({ begun: { event } }) => (event.type === 'KeyIssued' ? event.issuedAtMs : event.registeredAtMs),
  ],
  ...changing,
  ...previous,
});
const insertKeys = `insert into key (${begunRows.names}) select * from ${begunRows.from}`;

const changedRows = rowSet<KeyChange>({
  key_id: ['text', (key) => key.keyId],
  previous_changed: ['bool', (key) => key.previousChanged],
  ...changing,
  ...previous,
});
const updates = [
  ...Object.keys(changing).map((name) => `${name} = coalesce(new.${name}, key.${name})`),
  ...Object.keys(previous).map(
    (name) => `${name} = case when new.previous_changed then new.${name} else key.${name} end`,
  ),
];
const updateKeys = `update key set ${updates.join(', ')} from ${changedRows.from} where key.key_id = new.key_id`;

const rateRows = rowSet<AccountLimitsSet>({
  account_id: ['text', (set) => set.accountId],
  mode: ['text', (set) => set.mode],
  calls_per_second: ['int4', ({ limits }) => limits.callsPerSecond],
  burst_calls: ['int4', ({ limits }) => limits.burstCalls],
});
const upsertRates = `insert into account_rate (${rateRows.names}) select * from ${rateRows.from}
  on conflict (account_id, mode) do update set calls_per_second = excluded.calls_per_second, burst_calls = excluded.burst_calls`;
