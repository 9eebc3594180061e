import { describe, expect, it } from '@jest/globals';
import {
  byExampleKey,
  exampleAccountId,
  exampleCalendar,
  exampleHistory,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  exampleProgress,
  exampleVerified,
  exampleCredit,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { scenariosFor } from '@ringfence/testing/scenarios';
import { addDuration, durationMs, epochMs, localDay, micros, type EpochMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import type { AccountTimeZoneChanged } from '../../accounts/account.events.js';
import type { Principal } from '../../shared/values.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import type { AccountState } from './account-state.js';

const accountId = exampleAccountId;
const operator: Principal = { kind: 'operator', name: 'ops' };
const hourMs = 3_600_000;
// eslint-disable-next-line no-restricted-syntax -- text that a person can check, no clock
const at = (text: string): EpochMs => epochMs(Date.parse(text));
/** Noon in Berlin, in summer, on the 22nd. */
const noon = at('2026-06-22T10:00:00Z');
const change = (timeZone: string, nowMs: EpochMs = noon, principal: Principal = operator) =>
  ({
    type: 'ChangeTimeZone',
    accountId,
    timeZone,
    calendar: exampleCalendar,
    zoneDisputed: false,
    nowMs,
    principal,
  }) as const;
const openedIn = (timeZone: string): readonly AccountStreamEvent[] => [
  { ...exampleOpened, timeZone, openedAtMs: noon },
  exampleVerified,
  exampleCredit,
  exampleKeyIssued({ dailySpendMicrosMax: micros(60_000n), linesMax: 100, callsPerSecond: 100, burstCalls: 100 }),
];
const given = scenariosFor(accountModel);

/** One account; a command that is not accepted leaves it as it is. */
class ScriptedAccount {
  state: AccountState;
  readonly events: AccountStreamEvent[] = [];
  readonly ids = new PredictableIds(4_000);

  constructor(history: readonly AccountStreamEvent[]) {
    this.state = history.reduce(accountModel.evolve, accountModel.initialState);
  }

  does(command: AccountStreamCommand): readonly AccountStreamEvent[] {
    const decision = accountModel.decide(command, this.state);
    if (!decision.accepted) {
      this.state = accountModel.afterRefusal(command, this.state, decision.refusal);
      return decision.trace;
    }
    this.state = decision.events.reduce(accountModel.evolve, this.state);
    this.events.push(...decision.events);
    return decision.events;
  }

  changes(timeZone: string, nowMs: EpochMs): AccountTimeZoneChanged {
    const [event] = this.does(change(timeZone, nowMs));
    if (event?.type !== 'AccountTimeZoneChanged') throw new Error(`not changed to ${timeZone}`);
    return event;
  }

  /** The day that a call is counted for; undefined: it is refused. */
  places(nowMs: EpochMs): string | undefined {
    const [event] = this.does(examplePlaceCall(nowMs, {}, this.ids));
    return event?.type === 'CallPlaced' ? event.localDay : undefined;
  }
}

describe('ChangeTimeZone', () => {
  it.each([
    {
      from: 'Europe/Berlin',
      to: 'America/New_York',
      fromMs: at('2026-06-22T22:00:00Z'),
      firstDay: '2026-06-23',
      endsMs: at('2026-06-24T04:00:00Z'),
      sharesWith: null,
      because: 'midnight in New York comes six hours later: the first day has 30',
    },
    {
      from: 'Europe/Berlin',
      to: 'Asia/Tokyo',
      fromMs: at('2026-06-22T22:00:00Z'),
      firstDay: '2026-06-23',
      endsMs: at('2026-06-23T15:00:00Z'),
      sharesWith: '2026-06-22',
      because: 'the first day has 17 hours: no ordinary day is that short',
    },
    {
      from: 'Europe/Berlin',
      to: 'Africa/Lagos',
      fromMs: at('2026-06-22T22:00:00Z'),
      firstDay: '2026-06-23',
      endsMs: at('2026-06-23T23:00:00Z'),
      sharesWith: null,
      because: 'an hour to the west, the first day has 25',
    },
    {
      from: 'Europe/Berlin',
      to: 'Europe/Kyiv',
      fromMs: at('2026-06-22T22:00:00Z'),
      firstDay: '2026-06-23',
      endsMs: at('2026-06-23T21:00:00Z'),
      sharesWith: null,
      because: 'the first day has 23 hours, as one has when summer time begins',
    },
    {
      from: 'Pacific/Kiritimati',
      to: 'Pacific/Pago_Pago',
      fromMs: at('2026-06-23T10:00:00Z'),
      firstDay: '2026-06-24',
      endsMs: at('2026-06-25T11:00:00Z'),
      sharesWith: null,
      because: 'it is the 22nd still in Pago Pago, whose 24th ends 49 hours later; no day is lost or comes twice',
    },
    {
      from: 'Pacific/Pago_Pago',
      to: 'Pacific/Kiritimati',
      fromMs: at('2026-06-22T11:00:00Z'),
      firstDay: '2026-06-23',
      endsMs: at('2026-06-23T10:00:00Z'),
      sharesWith: null,
      because: 'the date line is crossed: the 22nd is over there before it begins, as 30 December 2011 was in Apia',
    },
  ])('leads from $from to $to: $because', ({ from, to, fromMs, firstDay, endsMs, sharesWith }) => {
    given(...openedIn(from))
      .when(change(to))
      .then({
        type: 'AccountTimeZoneChanged',
        accountId,
        timeZone: to,
        fromMs,
        firstDay: localDay(firstDay),
        sharesWith: sharesWith === null ? null : localDay(sharesWith),
        zoneData: exampleCalendar.version,
        changedAtMs: noon,
      });
    const account = new ScriptedAccount(openedIn(from));
    const before = account.places(epochMs(fromMs - 1));
    account.changes(to, epochMs(fromMs - 1));
    expect(before !== undefined && before < firstDay).toBe(true);
    const roomy = new ScriptedAccount([
      ...openedIn(from),
      exampleKeyIssued({ linesMax: 100, callsPerSecond: 100, burstCalls: 100 }),
    ]);
    roomy.changes(to, noon);
    expect(roomy.places(epochMs(fromMs - 1))).toBe(before);
    expect(roomy.places(fromMs)).toBe(firstDay);
    expect(roomy.places(epochMs(endsMs - 1))).toBe(firstDay);
    expect(roomy.places(endsMs)).toBe(exampleCalendar.dayOf(to, endsMs));
    expect(exampleCalendar.dayOf(to, endsMs) > firstDay).toBe(true);
  });

  it('is taken from a live key and from an operator alone', () => {
    const [opened, verified, credit, key] = exampleHistory({ scopes: ['accounts:admin'] });
    const history = [opened, verified, credit, key];
    given(...history)
      .when(change('Asia/Tokyo', noon, byExampleKey))
      .thenRefused({ code: 'presenter_not_allowed' });
    const decided = (principal: Principal, mode: 'live' | 'test') =>
      accountModel.decide(
        change('Asia/Tokyo', noon, principal),
        [opened, verified, credit, { ...key, mode }].reduce(accountModel.evolve, accountModel.initialState),
      ).accepted;
    expect([decided(byExampleKey, 'live'), decided(operator, 'test')]).toEqual([true, true]);
  });

  it('refuses what it would not open an account in, and the zone that is in force', () => {
    const history = openedIn('Europe/Berlin');
    for (const zone of ['IST', 'US/Pacific-New', 'Mars/Olympus'])
      given(...history)
        .when(change(zone))
        .thenRefused({ code: 'time_zone_invalid' });
    given(...history)
      .when(change('Europe/Berlin'))
      .thenRefused({ code: 'time_zone_unchanged' });
    given(...history)
      .when({ ...change('America/Edmonton'), zoneDisputed: true })
      .thenRefused({ code: 'time_zone_disputed' });
    given().when(change('Asia/Tokyo')).thenRefused({ code: 'account_unknown' });
  });

  it('can be thought better of until the day is over', () => {
    const account = new ScriptedAccount(openedIn('Europe/Berlin'));
    const first = account.changes('Asia/Tokyo', noon);
    given(...openedIn('Europe/Berlin'), first)
      .when(change('Asia/Tokyo'))
      .thenRefused({ code: 'time_zone_unchanged' });
    const back = account.changes('Europe/Berlin', addDuration(noon, durationMs(hourMs)));
    expect(back).toMatchObject({ fromMs: first.fromMs, firstDay: '2026-06-23', sharesWith: null });
    expect(account.places(at('2026-06-23T16:00:00Z'))).toBe('2026-06-23');
  });

  it('gives a day that is cut short no allowance of its own', () => {
    const account = new ScriptedAccount(openedIn('Europe/Berlin'));
    expect(account.places(noon)).toBe('2026-06-22');
    const { fromMs } = account.changes('Asia/Tokyo', noon);
    // The day's 0.06 is reserved for the first call, and the seventeen hours after midnight have no more.
    expect(account.places(epochMs(fromMs - 1))).toBeUndefined();
    expect(account.places(fromMs)).toBeUndefined();
    expect(account.places(at('2026-06-23T14:59:59Z'))).toBeUndefined();
    expect(account.places(at('2026-06-23T15:00:00Z'))).toBe('2026-06-24');
  });

  it('gives one allowance to days that are cut short one after the other', () => {
    const account = new ScriptedAccount(openedIn('America/New_York'));
    expect(account.places(noon)).toBe('2026-06-22');
    const first = account.changes('Europe/Berlin', noon);
    expect(first).toMatchObject({ firstDay: '2026-06-23', sharesWith: '2026-06-22' });
    const second = account.changes('Asia/Tokyo', first.fromMs);
    expect(second).toMatchObject({ firstDay: '2026-06-24', sharesWith: '2026-06-22' });
    expect(account.places(first.fromMs)).toBeUndefined();
    expect(account.places(second.fromMs)).toBeUndefined();
    expect(account.places(at('2026-06-24T15:00:00Z'))).toBe('2026-06-25');
  });

  it('never restarts a day, nor goes back to one, by a change to and fro within it', () => {
    const account = new ScriptedAccount(openedIn('Europe/Berlin'));
    expect(account.places(noon)).toBe('2026-06-22');
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Tokyo', 'Europe/Berlin']) {
      account.changes(zone, noon);
      expect(account.places(noon)).toBeUndefined();
    }
  });

  it('leads out of a zone that is accepted no more, and of one that is unknown', () => {
    for (const zone of ['NST', 'IST', 'US/Pacific-New', 'Middle/Earth']) {
      const account = new ScriptedAccount(openedIn(zone));
      expect(account.places(noon)).toBe('2026-06-22');
      const { fromMs, firstDay } = account.changes('Asia/Kolkata', noon);
      expect(fromMs > noon && fromMs <= noon + 24 * hourMs).toBe(true);
      expect(firstDay).toBe('2026-06-23');
    }
  });

  it('keeps to the latest day that was counted when newer zone data says otherwise', () => {
    const account = new ScriptedAccount(openedIn('Europe/Berlin'));
    const late = at('2026-06-22T22:00:00Z');
    expect(account.places(late)).toBe('2026-06-23');
    const newer = { ...exampleCalendar, version: '2027a', dayOf: () => localDay('2026-06-22') };
    const calendar = { ...newer, accepts: () => true };
    const refused = accountModel.decide(examplePlaceCall(epochMs(late + 1), { calendar }, account.ids), account.state);
    expect(refused).toMatchObject({ accepted: false, refusal: { code: 'daily_spend_exceeded' } });
    expect(refused.accepted ? [] : refused.trace).toMatchObject([{ localDay: '2026-06-23', zoneData: '2027a' }]);
  });
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Tokyo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Pacific/Chatham',
  'America/St_Johns',
] as const;
/** Some days before the end of summer time in Europe and America, and the beginning of it at Lord Howe. */
const begin = at('2026-09-28T00:00:00Z');
const capMicros = 60_000n;

type Step =
  | { readonly does: 'wait'; readonly minutes: number }
  | { readonly does: 'change'; readonly zone: string }
  | { readonly does: 'place' }
  | { readonly does: 'answer' | 'end'; readonly which: number };
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      minutes: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 30, max: 2_000 })),
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('change' as const), zone: fc.constantFrom(...zones) }) },
  { weight: 6, arbitrary: fc.constant({ does: 'place' } as const) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('answer' as const, 'end' as const), which: fc.nat(20) }) },
);

/** A life of changes and calls, and all that was recorded of it with the moment that it was decided at. */
function lived(first: string, steps: readonly Step[]) {
  const account = new ScriptedAccount(openedIn(first));
  const recorded: { readonly event: AccountStreamEvent; readonly atMs: EpochMs }[] = [];
  let now = begin;
  const does = (command: AccountStreamCommand) => {
    for (const event of account.does(command)) recorded.push({ event, atMs: now });
  };
  for (const step of steps) {
    switch (step.does) {
      case 'wait': {
        const until = epochMs(now + step.minutes * 60_000);
        for (let due = accountModel.nextDueMs(account.state); due !== null && due <= until;) {
          if (due > now) now = due;
          does({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, nowMs: now });
          due = accountModel.nextDueMs(account.state);
        }
        now = until;
        break;
      }
      case 'change':
        does(change(step.zone, now));
        break;
      case 'place':
        does(examplePlaceCall(now, {}, account.ids));
        break;
      default: {
        const calls = [...account.state.calls.values()];
        const call = calls[step.which % Math.max(1, calls.length)];
        if (call === undefined) break;
        const ended = {
          kind: 'ended',
          cause: 'callee_hangup',
          endedBy: 'callee',
          talkTimeMs: durationMs(30_000),
        } as const;
        does(exampleProgress(call, step.does === 'answer' ? { kind: 'answered' } : ended, now));
      }
    }
  }
  return { recorded, endMs: now };
}

/** The zones as an accountant would write them down: what was decided last before each midnight. */
function zonesOf(first: string, changes: readonly AccountTimeZoneChanged[]) {
  const book: { zone: string; fromMs: number; firstDay: string }[] = [{ zone: first, fromMs: 0, firstDay: '' }];
  for (const { timeZone, fromMs, firstDay, changedAtMs } of changes) {
    while ((book.at(-1)?.fromMs ?? 0) > changedAtMs) book.pop();
    book.push({ zone: timeZone, fromMs, firstDay });
  }
  return book;
}

describe('days and allowances of an account, whatever its zone changes to', () => {
  it('are one row of days without gaps, each with one allowance that is never exceeded', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.array(anyStep, { maxLength: 80, size: 'max' }), (first, steps) => {
        const { recorded, endMs } = lived(first, steps);
        const changes = recorded.flatMap(({ event }) => (event.type === 'AccountTimeZoneChanged' ? event : []));
        const book = zonesOf(first, changes);
        const dayAt = (ms: number): string => {
          const span = book.findLast(({ fromMs }) => fromMs <= ms) ?? { zone: first, firstDay: '' };
          const day: string = exampleCalendar.dayOf(span.zone, epochMs(ms));
          return day < span.firstDay ? span.firstDay : day;
        };

        // Days follow each other; each begins with a midnight of the zone that the account had, or has.
        const days: { day: string; startMs: number }[] = [];
        for (let ms: number = begin; ms <= endMs + 3 * 24 * hourMs; ms += 15 * 60_000) {
          const day = dayAt(ms);
          const last = days.at(-1);
          if (last?.day === day) continue;
          if (last !== undefined) {
            expect(day > last.day).toBe(true);
            const midnight = book.some(
              ({ zone }) => exampleCalendar.dayOf(zone, epochMs(ms - 1)) < exampleCalendar.dayOf(zone, epochMs(ms)),
            );
            expect(midnight).toBe(true);
          }
          days.push({ day, startMs: ms });
        }

        // What is recorded says the same.
        const shares = new Map(
          book
            .slice(1)
            .map(({ fromMs }) => changes.findLast((each) => each.fromMs === fromMs))
            .flatMap((each) =>
              each === undefined || each.sharesWith === null
                ? []
                : [[each.firstDay as string, each.sharesWith as string] as const],
            ),
        );
        const spent = new Map<string, bigint>();
        const held = new Map<string, { day: string; onDay: bigint }>();
        for (const { event, atMs } of recorded) {
          if (event.type === 'CallPlaced' || event.type === 'CallExtended') {
            expect([event.localDay, event.zoneData]).toEqual([dayAt(atMs), exampleCalendar.version]);
            const amount = event.type === 'CallPlaced' ? event.reservedMicros : event.addedMicros;
            let day: string = event.localDay;
            for (let shared = shares.get(day); shared !== undefined; shared = shares.get(day)) day = shared;
            const before = held.get(event.callId);
            held.set(event.callId, { day, onDay: (before?.day === day ? before.onDay : 0n) + amount });
            spent.set(day, (spent.get(day) ?? 0n) + amount);
            expect((spent.get(day) ?? 0n) <= capMicros).toBe(true);
          } else if (event.type === 'CallCompleted' || event.type === 'CallFailed') {
            const call = held.get(event.callId) ?? { day: '', onDay: 0n };
            const back = event.releasedMicros < call.onDay ? event.releasedMicros : call.onDay;
            spent.set(call.day, (spent.get(call.day) ?? 0n) - back);
          } else if (event.type === 'CallRefused') expect(event.localDay).toBe(dayAt(atMs));
        }

        // An allowance holds for as long as the shortest ordinary day at least: no flipping makes more of them.
        const own = days.filter(({ day }) => !shares.has(day));
        for (const [index, { startMs }] of own.entries()) {
          const next = own[index + 1];
          if (index > 0 && next !== undefined) expect(next.startMs - startMs).toBeGreaterThanOrEqual(23 * hourMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are the same after a snapshot', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.array(anyStep, { maxLength: 40, size: 'max' }), (first, steps) => {
        const account = new ScriptedAccount(openedIn(first));
        for (const { event } of lived(first, steps).recorded) account.state = accountModel.evolve(account.state, event);
        const pieces = JSON.parse(JSON.stringify([...accountModel.snapshot(account.state)])) as Parameters<
          typeof accountModel.restore
        >[0];
        expect(accountModel.restore(pieces).days).toEqual(account.state.days);
      }),
      { numRuns: 50 },
    );
  });
});
