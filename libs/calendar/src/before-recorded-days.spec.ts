import { describe, expect, it } from '@jest/globals';
import { accountModel } from '@ringfence/domain/streams/account/account-stream';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import { exampleCredit, exampleKeyIssued, examplePlaceCall, exampleVerified } from '@ringfence/testing/examples';
import { epochMs } from '@ringfence/kernel/units';
import { readdirSync, readFileSync } from 'node:fs';
import { ianaCalendar } from './iana-calendar.js';

const golden = new URL('../../event-catalog/golden/', import.meta.url);
/** Decodes an event that an earlier release wrote, as it is read today. */
function written(ceType: string): DomainEvent {
  return decodeEvent(readFileSync(new URL(`${ceType}.json`, golden))).data;
}
const noon = epochMs(Date.UTC(2026, 5, 22, 12));

describe('events written before the zone data was recorded', () => {
  it('keeps the day that it has, and says that nobody wrote down by which data it was read', () => {
    const dated = readdirSync(golden).filter((name) =>
      /call\.(?:placed\.v[12]|(?:extended|completed|failed)\.v1)\.json$/.test(name),
    );
    expect(dated).toHaveLength(5);
    for (const name of dated)
      expect(written(name.replace('.json', ''))).toMatchObject({
        localDay: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        zoneData: null,
      });
  });

  it('has no day where it was a refusal', () => {
    const refusals = readdirSync(golden).filter((name) => /call\.refus(?:ed|als_counted)\.v[12]\.json$/.test(name));
    expect(refusals).toHaveLength(4);
    for (const name of refusals)
      expect(written(name.replace('.json', ''))).toMatchObject({ localDay: null, zoneData: null });
  });

  it('is no end of an account in a zone that nobody knows: it places calls, and changes its zone', () => {
    const opened = written('ringfence.account.opened.v1');
    if (opened.type !== 'AccountOpened') throw new Error('the golden file is of AccountOpened');
    expect(ianaCalendar.accepts(opened.timeZone)).toBe(false);
    const { accountId } = opened;
    const history = [
      { ...opened, currency: 'USD' },
      { ...exampleVerified, accountId },
      { ...exampleCredit, accountId },
      { ...exampleKeyIssued(), accountId },
    ] as const;
    const state = history.reduce(accountModel.evolve, accountModel.initialState);
    expect(accountModel.decide(examplePlaceCall(noon, { accountId }), state)).toMatchObject({
      accepted: true,
      events: [{ type: 'CallPlaced', localDay: '2026-06-22', zoneData: ianaCalendar.version }],
    });
    const change = {
      type: 'ChangeTimeZone',
      accountId,
      timeZone: 'Asia/Kolkata',
      calendar: ianaCalendar,
      zoneDisputed: false,
      nowMs: noon,
    } as const;
    expect(accountModel.decide({ ...change, principal: { kind: 'operator', name: 'ops' } }, state)).toMatchObject({
      accepted: true,
      // Until then its days are those of UTC.
      events: [{ fromMs: Date.UTC(2026, 5, 23), firstDay: '2026-06-23', sharesWith: '2026-06-22' }],
    });
  });
});
