// The route of POST /voice/calls/initiate with the same guard and validation, and nothing of Ringfence behind it.
// `constant` answers at once. The others first write the rows of one accepted call, one transaction per request:
// `transaction` the same rows as in the log, under the lock of its head; `unordered` with positions from a sequence
// instead, so that no request waits for another, and their order is unknown.
import { Body, Controller, HttpCode, Inject, Injectable, Module, Post, type Provider, UseGuards } from '@nestjs/common';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { mintSecret } from '@ringfence/auth/key-secret';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { encodeEvent } from '@ringfence/event-catalog/event-codec';
import { migrateLog } from '@ringfence/event-store-postgres/migrate';
import { PlaceCallBody } from '@ringfence/http/calls/place-call';
import { Access, AccessGuard } from '@ringfence/http/edge/access';
import { CommandBounds } from '@ringfence/http/edge/command-bounds';
import { CLOCK, EDGE_METRICS } from '@ringfence/http/edge/ports';
import { ReadBounds } from '@ringfence/http/edge/read-bounds';
import { validatedBody } from '@ringfence/http/edge/validated';
import { createHttpServer } from '@ringfence/http/server';
import { epochMs, position } from '@ringfence/kernel/units';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { ulid } from 'ulid';
import { benchKey, placedEnvelope } from '../placed-envelope.js';

const connectionsMax = 50;
const [mode = 'constant', dataDir = ''] = process.argv.slice(2);
const writes = mode !== 'constant';

/** Writes the rows of one accepted call into the log: its event, its stream and its outcome. */
@Injectable()
class CallRows {
  pool: Pool | undefined;

  async write(): Promise<void> {
    const { stream, subject, commandId, ...envelope } = placedEnvelope(ulid());
    const bytes = encodeEvent({ stream, subject, commandId, ...envelope });
    const body = Buffer.from(JSON.stringify({ call_id: subject }));
    const values = [stream, subject, bytes, envelope.decidedAtMs + 65_000, commandId, Buffer.alloc(0), body];
    await this.pool?.query({ name: 'rows', text: mode === 'unordered' ? unorderedRows : orderedRows, values });
  }
}

const rowsAt = (nextPosition: string) => `with head as (${nextPosition}),
  placed as (
    insert into log.event (position, stream, version, type, subject, bytes)
    select position, $1, 1, 'ringfence.call.placed.v1', $2, $3 from head returning position
  ), streamed as (insert into log.stream (stream, version, next_due_ms) values ($1, 1, $4))
  insert into log.outcome (stream, command_id, fingerprint, accepted, body, position)
  select $1, $5, $6, true, $7, position from placed`;
const orderedRows = rowsAt('update log.head set next = next + 1 returning next - 1 as position');
const unorderedRows = rowsAt("select nextval('log.unordered') as position");

@Controller('api/v1')
class BaselineController {
  constructor(@Inject(CallRows) private readonly rows: CallRows) {}

  @Post('voice/calls/initiate')
  @HttpCode(202)
  @Access({ scopes: ['calls:write'], operatorsOnly: false, modes: 'own' })
  @UseGuards(AccessGuard)
  async initiate(@Body(validatedBody(PlaceCallBody)) body: PlaceCallBody): Promise<object> {
    if (writes) await this.rows.write();
    const { from_number, to_number, status_callback_url = null } = body;
    return { id: 'cs_00000000000000000000000001', from_number, to_number, status_callback_url, record: true };
  }
}

const secret = mintSecret('test');
const hasher = new SecretHasher(KeyRing.parse(`bench:${randomBytes(32).toString('base64')}`, 'the pepper'));
const registry = new KeyRegistry(hasher, () => Promise.resolve(position(1)));
const { keyId, accountId, policy, policyHash } = benchKey;
const entry: KeyEntry = {
  keyId,
  accountId,
  mode: 'test',
  parentKeyId: null,
  keyVersion: 1,
  policy,
  policyHash,
  credential: { kind: 'secret', digest: hasher.digestOf(secret), previous: null },
  state: { status: 'active' },
};
registry.loadFrom([entry], position(1));
const clock = { now: () => epochMs(Date.now()) };
setInterval(() => {
  registry.apply([], clock.now());
}, 200).unref();
registry.apply([], clock.now());

const rows = new CallRows();
const ports: Provider[] = [
  { provide: CallRows, useValue: rows },
  { provide: KeyRegistry, useValue: registry },
  { provide: CLOCK, useValue: clock },
  { provide: EDGE_METRICS, useValue: { rejected: () => undefined, answered: () => undefined } },
  { provide: CommandBounds, useValue: new CommandBounds(systemTimers) },
  { provide: ReadBounds, useValue: new ReadBounds(systemTimers) },
  { provide: RejectedRequestCounter, useValue: { count: () => undefined } },
  AccessGuard,
];

@Module({})
class BaselineModule {}

const database = writes ? await startEmbeddedPostgres({ dataDir }) : undefined;
const pool = database === undefined ? undefined : openPool(database.url, { connectionsMax });
if (pool !== undefined) {
  await migrateLog(pool);
  await pool.query('create sequence log.unordered');
  rows.pool = pool;
}
const app = await createHttpServer({
  module: { module: BaselineModule, controllers: [BaselineController], providers: ports },
  trustedProxies: [],
  metrics: { rejected: () => undefined, answered: () => undefined },
  onFault: (fault: unknown) => {
    console.error(fault);
  },
  logger: { log: () => undefined, warn: console.error, error: console.error },
});
await app.listen(0, '127.0.0.1');
console.log(JSON.stringify({ url: await app.getUrl(), key: secret.text }));

process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool?.end())
    .then(() => database?.stop())
    .then(() => process.exit(0));
});
