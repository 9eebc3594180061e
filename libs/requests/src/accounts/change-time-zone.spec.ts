import { describe, expect, it } from '@jest/globals';
import { exampleAccountId, exampleCalendar } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { requestChangeTimeZone } from './change-time-zone.js';

describe('a change of the time zone', () => {
  it.each([
    { zone: 'America/Edmonton', disputed: true, asked: 1, because: 'the database reads it otherwise' },
    { zone: 'Europe/Berlin', disputed: false, asked: 1, because: 'both read it alike' },
    { zone: 'UTC', disputed: false, asked: 0, because: 'there is nothing to read' },
    { zone: 'IST', disputed: false, asked: 0, because: 'it is refused for what it is' },
  ])('of $zone records that in the lane: $because', async ({ zone, disputed, asked }) => {
    const names: string[] = [];
    const zones = {
      agrees: (name: string) => {
        names.push(name);
        return Promise.resolve(name !== 'America/Edmonton');
      },
    };
    const ids = new PredictableIds();
    const parts = {
      vault: new InMemorySubjectVault(ids),
      identity: new RequestIdentity(new Uint8Array(32)),
      calendar: exampleCalendar,
      zones,
    };
    const context = { stream: exampleAccountId, keyId: ids.keyId(), clientKey: 'key' as never };
    const { payload, fields } = await requestChangeTimeZone({ time_zone: zone }, context, parts);
    expect(payload).toMatchObject({ type: 'ChangeTimeZone', timeZone: zone, zoneDisputed: disputed });
    // What the client sent, whatever became of the database since: the same id is the same command.
    expect(fields).toEqual({ time_zone: zone });
    expect(names).toHaveLength(asked);
  });
});
