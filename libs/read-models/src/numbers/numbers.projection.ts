import { readFileSync } from 'node:fs';
import type { NumberAdded, NumberReleased } from '@ringfence/domain/inventory/inventory.events';
import { idOfTarget } from '@ringfence/domain/numbers/number-assignment';
import type {
  AllocatedNumber,
  NumberReceived,
  NumberRenamed,
  NumberWithdrawn,
} from '@ringfence/domain/numbers/number.events';
import type { NumberId, SipTrunkId, VoiceAppId } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';
import type { Projection } from '@ringfence/projections/projection';
import { type Columns, rowSet } from '@ringfence/projections/row-set';
import { runnable } from '@ringfence/projections/runnable-projection';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';

type Placed<Event> = Event & { readonly position: Position };
/** null: to nothing. */
type Assigned = { readonly numberId: NumberId; readonly assignedTo: VoiceAppId | SipTrunkId | null };
type Batch = {
  readonly added: Placed<NumberAdded>[];
  readonly released: NumberReleased[];
  readonly received: Placed<NumberReceived>[];
  /** The name given last, by number. */
  readonly renamed: Map<NumberId, NumberRenamed>;
  /** The assignment made last, by number. */
  readonly assigned: Map<NumberId, Assigned>;
  readonly withdrawn: NumberWithdrawn[];
};

const numbers: Projection<Batch> = {
  name: 'numbers',
  version: 1,
  order: 'stream',
  tables: readFileSync(new URL('numbers.sql', import.meta.url), 'utf8'),
  newBatch: () => ({ added: [], released: [], received: [], renamed: new Map(), assigned: new Map(), withdrawn: [] }),
  on: {
    inventory: {
      NumberAdded: ({ data, position }, { added }) => {
        added.push({ ...data, position });
      },
      NumberReleased: ({ data }, { released }) => {
        released.push(data);
      },
    },
    numbers: {
      NumberReceived: ({ data, position }, { received }) => {
        received.push({ ...data, position });
      },
      NumberRenamed: ({ data }, { renamed }) => {
        renamed.set(data.numberId, data);
      },
      NumbersAssigned: ({ data }, batch) => {
        assign(batch, data.numberIds, idOfTarget(data.target));
      },
      NumbersUnassigned: ({ data }, batch) => {
        assign(batch, data.numberIds, null);
      },
      NumberWithdrawn: ({ data }, { withdrawn }) => {
        withdrawn.push(data);
      },
    },
    accounts: 'ignore',
    keys: 'ignore',
    calls: 'ignore',
    rejections: 'ignore',
    webhooks: 'ignore',
    apps: {
      VoiceAppCreated: ({ data }, batch) => {
        assign(batch, data.numberIds, data.appId);
      },
      VoiceAppChanged: 'ignore',
      VoiceAppDeleted: 'ignore',
    },
    trunks: 'ignore',
    platform: 'ignore',
  },
  write,
};

/** The allocations of numbers, and the numbers that each account has. */
export const numbersProjection = runnable(numbers);

function assign({ assigned }: Batch, numberIds: readonly NumberId[], assignedTo: Assigned['assignedTo']): void {
  for (const numberId of numberIds) assigned.set(numberId, { numberId, assignedTo });
}

function write({ added, released, received, renamed, assigned, withdrawn }: Batch, tx: OpenTransaction): void {
  addedRows.write(tx, insertAllocations, added);
  releasedRows.write(tx, endAllocations, released);
  receivedRows.write(tx, insertNumbers, received);
  renamedRows.write(tx, renameNumbers, renamed.values());
  assignedRows.write(tx, assignNumbers, assigned.values());
  withdrawnRows.write(tx, withdrawNumbers, withdrawn);
}

const allocated: Columns<AllocatedNumber> = {
  number_id: ['text', (row) => row.numberId],
  account_id: ['text', (row) => row.accountId],
  mode: ['text', (row) => row.mode],
  number_subject: ['text', (row) => row.number.subjectId],
  number_ciphertext: ['text', (row) => row.number.ciphertext],
  territory: ['text', (row) => row.territory],
  kind: ['text', (row) => row.kind],
  locality: ['text', (row) => row.locality],
};

const addedRows = rowSet<Placed<NumberAdded>>({
  ...allocated,
  added_position: ['int8', (row) => row.position],
  added_at_ms: ['int8', (row) => row.addedAtMs],
});
const insertAllocations = `insert into allocation (${addedRows.names}) select * from ${addedRows.from}`;

const releasedRows = rowSet<NumberReleased>({
  number_id: ['text', (row) => row.numberId],
  released_at_ms: ['int8', (row) => row.releasedAtMs],
  release_reason: ['text', (row) => row.reason],
});
const endAllocations = `update allocation set released_at_ms = new.released_at_ms, release_reason = new.release_reason
  from ${releasedRows.from} where allocation.number_id = new.number_id`;

const receivedRows = rowSet<Placed<NumberReceived>>({
  ...allocated,
  name_subject: ['text', (row) => row.name?.subjectId ?? null],
  name_ciphertext: ['text', (row) => row.name?.ciphertext ?? null],
  received_position: ['int8', (row) => row.position],
  received_at_ms: ['int8', (row) => row.receivedAtMs],
});
const insertNumbers = `insert into own_number (${receivedRows.names}) select * from ${receivedRows.from}`;

const renamedRows = rowSet<NumberRenamed>({
  number_id: ['text', (row) => row.numberId],
  name_subject: ['text', (row) => row.name.subjectId],
  name_ciphertext: ['text', (row) => row.name.ciphertext],
});
const renameNumbers = `update own_number set name_subject = new.name_subject, name_ciphertext = new.name_ciphertext
  from ${renamedRows.from} where own_number.number_id = new.number_id`;

const assignedRows = rowSet<Assigned>({
  number_id: ['text', (row) => row.numberId],
  assigned_to: ['text', (row) => row.assignedTo],
});
const assignNumbers = `update own_number set assigned_to = new.assigned_to
  from ${assignedRows.from} where own_number.number_id = new.number_id`;

const withdrawnRows = rowSet<NumberWithdrawn>({
  number_id: ['text', (row) => row.numberId],
  withdrawn_at_ms: ['int8', (row) => row.withdrawnAtMs],
});
const withdrawNumbers = `update own_number set withdrawn_at_ms = new.withdrawn_at_ms
  from ${withdrawnRows.from} where own_number.number_id = new.number_id`;
