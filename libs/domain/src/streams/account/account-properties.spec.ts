import { describe, expect, it } from '@jest/globals';
import {
  exampleCalendar,
  exampleAccountId,
  exampleDecks,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  exampleProgress,
  exampleVerified,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { addDuration, durationMs, micros, type EpochMs, type Micros } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { postings, type LedgerAccount } from '../../postings.js';
import { priceOf } from '../../billing/rating/rating.js';
import { eventFacts } from '@ringfence/event-catalog/event-facts';
import type { KeyPolicy } from '../../keys/key-policy.js';
import { spentOn } from '../../limits/daily-spend.js';
import type { Mode, Principal } from '../../shared/values.js';
import { timersOf } from './account-timers.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import type { AccountState } from './account-state.js';
import type { LiveCall } from '../../calls/live-call.js';
import type { CallSignal, PlaceCall } from '../../calls/call.commands.js';
import { nextScheduled } from './due-queue.js';

const keyIds = new PredictableIds();
const firstKey = keyIds.keyId();
const keys = [firstKey, keyIds.keyId(), keyIds.keyId()];
const operator: Principal = { kind: 'operator', name: 'ops' };
const routes = {
  live: [{ trunk: 'carrier', tier: 'premium', rank: 1 }],
  test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }],
} as const;
const policies: readonly Partial<KeyPolicy>[] = [
  { callsPerSecond: 3, burstCalls: 2, linesMax: 3, scopes: ['calls:write', 'keys:write'] },
  { callsPerSecond: 100, burstCalls: 100, linesMax: 50, dailySpendMicrosMax: micros(400_000n) },
  { callsPerSecond: 100, burstCalls: 100, linesMax: 50, onRevoke: 'drain' },
];

type Step = (world: World) => void;

/** An account that lives through anything, and is looked at after every event. */
class World {
  state: AccountState = accountModel.initialState;
  now: EpochMs = nine;
  readonly placed: PlaceCall[] = [];
  readonly ids = new PredictableIds();
  readonly history: AccountStreamEvent[] = [];
  readonly ends = new Map<string, number>();
  readonly sums: Record<Mode, Map<LedgerAccount, bigint>> = { live: new Map(), test: new Map() };

  constructor() {
    this.take(exampleOpened);
    this.take(exampleVerified);
    keys.forEach((keyId, index) => {
      this.take({ ...exampleKeyIssued(policies[index], keyId), mode: index === 2 ? 'live' : 'test' });
    });
    for (const mode of ['live', 'test'] as const) {
      this.take({
        type: 'CreditAdded',
        accountId: exampleAccountId,
        mode,
        amountMicros: micros(700_000n),
        reference: null,
        addedAtMs: nine,
      });
    }
  }

  submit(command: AccountStreamCommand): void {
    const { state } = this;
    const decision = accountModel.decide(command, state);
    if (!decision.accepted) this.state = accountModel.afterRefusal(command, state, decision.refusal);
    const { principal } = command;
    if (decision.accepted && principal.kind === 'key') {
      // nothing is issued by a key after its revocation
      expect(state.keys.get(principal.keyId)?.key.status).toBe('active');
    }
    for (const event of decision.accepted ? decision.events : decision.trace) this.take(event);
    if (decision.accepted && principal.kind === 'key') {
      const revokedAt = decision.events.findIndex(
        (event) => event.type === 'KeyRevoked' && event.keyId === principal.keyId,
      );
      expect(revokedAt === -1 || revokedAt === decision.events.length - 1).toBe(true);
    }
  }

  take(event: AccountStreamEvent): void {
    const before = this.state;
    this.state = accountModel.evolve(before, event);
    this.history.push(event);
    this.#balance(event);
    this.#settlement(event, before);
    this.#limits(event);
    const facts = eventFacts(event, { before, after: this.state });
    if ('callId' in event && event.type !== 'CallPlaced' && before.calls.has(event.callId))
      expect(facts.onBehalfOf).toEqual(before.calls.get(event.callId)?.authority);
  }

  #balance(event: AccountStreamEvent): void {
    const entries = postings(event);
    expect(entries.reduce((sum, { amountMicros }) => sum + amountMicros, 0n)).toBe(0n);
    for (const { book, account, amountMicros } of entries) {
      this.sums[book].set(account, (this.sums[book].get(account) ?? 0n) + amountMicros);
    }
    for (const mode of ['live', 'test'] as const) {
      const { availableMicros, reservedMicros } = this.state.books[mode];
      expect(availableMicros >= 0n && reservedMicros >= 0n).toBe(true);
      expect(availableMicros).toBe(-(this.sums[mode].get('available') ?? 0n));
      expect(reservedMicros).toBe(-(this.sums[mode].get('reserved') ?? 0n));
    }
  }

  #settlement(event: AccountStreamEvent, before: AccountState): void {
    if (event.type !== 'CallCompleted' && event.type !== 'CallFailed') return;
    const call = before.calls.get(event.callId);
    if (call === undefined) throw new Error('a call ended that was not live');
    this.ends.set(event.callId, (this.ends.get(event.callId) ?? 0) + 1);
    const charged = event.type === 'CallCompleted' ? event.chargedMicros : 0n;
    expect(charged + event.releasedMicros).toBe(call.reservedMicros);
    if (event.type === 'CallCompleted') {
      expect(event.talkTimeMs).toBeLessThanOrEqual(call.authorisedForMs);
      expect(charged).toBe(priceOf(call.rate, event.talkTimeMs));
    }
  }

  #limits(event: AccountStreamEvent): void {
    if (event.type !== 'CallPlaced' && event.type !== 'CallExtended') return;
    const use = this.state.keys.get(event.keyId);
    if (use === undefined) throw new Error('a call of no key');
    const usage = use.used[event.mode];
    if (event.type === 'CallPlaced') expect(usage.lines).toBeLessThanOrEqual(use.key.policy.linesMax);
    const max = use.key.policy.dailySpendMicrosMax;
    if (max !== null) expect(spentOn(usage.spend, event.localDay) <= max).toBe(true);
  }

  /** Checks that the counters agree with the calls. */
  inspect(): void {
    const calls = [...this.state.calls.values()];
    const sum = (of: readonly LiveCall[]) => of.reduce((total, { reservedMicros }) => total + reservedMicros, 0n);
    for (const [keyId, use] of this.state.keys) {
      const own = calls.filter(({ authority }) => authority.keyId === keyId);
      expect(use.used.live.lines + use.used.test.lines).toBe(own.length);
      expect([...use.activeCalls].sort()).toEqual(
        own
          .filter(({ hangUp }) => hangUp === null)
          .map(({ callId }) => callId)
          .sort(),
      );
    }
    for (const mode of ['live', 'test'] as const) {
      const own = calls.filter((call) => call.mode === mode);
      expect(this.state.modes[mode].lines).toBe(own.length);
      expect(this.state.modes[mode].going).toBe(own.filter(({ hangUp }) => hangUp === null).length);
      expect(this.state.books[mode].reservedMicros).toBe(sum(own));
    }
    expect([...this.ends.values()].every((count) => count === 1)).toBe(true);
    expect(this.state.calls.size + this.ends.size).toBe(
      this.history.filter(({ type }) => type === 'CallPlaced').length,
    );
    expect(accountModel.nextDueMs(this.state)).toBe(nextScheduled(timersOf(this.state))?.dueMs ?? null);
  }

  letTimersFire(): void {
    for (
      let due = accountModel.nextDueMs(this.state);
      due !== null && due <= this.now;
      due = accountModel.nextDueMs(this.state)
    ) {
      this.submit({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, nowMs: this.now });
    }
  }
}

const anyKey = fc.constantFrom(...keys);
const anyTo = fc.constantFrom('+15005550000', '+4930123456', '+19005550100', '911');
const anyCause = fc.constantFrom('callee_hangup', 'caller_hangup', 'busy', 'no_answer', 'carrier_unknown');
const anySignal: fc.Arbitrary<CallSignal> = fc.oneof(
  fc.constant({ kind: 'ringing' } as const),
  fc.constant({ kind: 'answered' } as const),
  fc.record({ cause: anyCause, talk: fc.constantFrom(0, 1, 7_500, 310_000, 20_000_000) }).map(({ cause, talk }) => ({
    kind: 'ended' as const,
    cause,
    endedBy: 'callee' as const,
    talkTimeMs: durationMs(talk),
  })),
);

const place = fc.record({ keyId: anyKey, to: anyTo }).map(({ keyId, to }): Step => (world) => {
  const change = {
    principal: { kind: 'key', keyId, home: 'account' },
    to: { clear: to, sealed: sealedExample(to) },
    routes,
    rateDecks: exampleDecks,
  } as const;
  const command = examplePlaceCall(world.now, change, world.ids);
  world.placed.push(command);
  world.submit(command);
});
const progress = fc.record({ which: fc.nat(30), signal: anySignal }).map(({ which, signal }): Step => (world) => {
  const call = world.placed[which % Math.max(1, world.placed.length)];
  if (call !== undefined) world.submit(exampleProgress(call, signal, world.now));
});
const hangUp = fc.record({ which: fc.nat(30), keyId: anyKey }).map(({ which, keyId }): Step => (world) => {
  const call = world.placed[which % Math.max(1, world.placed.length)];
  if (call === undefined) return;
  const principal = { kind: 'key', keyId, home: 'account' } as const;
  world.submit({
    type: 'HangUpCall',
    accountId: exampleAccountId,
    callId: call.callId,
    legId: null,
    nowMs: world.now,
    principal,
  });
});
const wait = fc.constantFrom(0, 1, 200, 1_000, 30_000, 66_000, 151_000, 3_600_000).map((ms): Step => (world) => {
  world.now = addDuration(world.now, durationMs(ms));
  world.letTimersFire();
});
const revoke = fc
  .record({ keyId: anyKey, self: fc.boolean(), onRevoke: fc.constantFrom('hangup', 'drain', null) })
  .map(({ keyId, self, onRevoke }): Step => (world) => {
    const principal: Principal = self ? { kind: 'key', keyId, home: 'account' } : operator;
    world.submit({
      type: 'RevokeKey',
      accountId: exampleAccountId,
      keyId,
      reason: 'leaked',
      onRevoke,
      nowMs: world.now,
      principal,
    });
  });
const changePolicy = fc
  .record({ keyId: anyKey, linesMax: fc.nat(5), callsPerSecond: fc.integer({ min: 1, max: 20 }) })
  .map(({ keyId, ...bounds }): Step => (world) => {
    const change = { ...bounds, dailySpendMicrosMax: micros(400_000n) };
    const of = { accountId: exampleAccountId, keyId, nowMs: world.now, principal: operator };
    world.submit({ type: 'ChangeKeyPolicy', ...of, change, policyHashOf: () => '00'.repeat(32) });
  });
const rotate = anyKey.map((keyId): Step => (world) => {
  const of = { accountId: exampleAccountId, keyId, nowMs: world.now, principal: operator };
  const digest = { pepperId: 'p1', hmacSha256: 'ef'.repeat(32) };
  world.submit({ type: 'RotateKey', ...of, digest, secretHint: 'a1B2', overlapMs: durationMs(60_000) });
});
const credit = fc.bigInt({ min: 1n, max: 200_000n }).map((amount): Step => (world) => {
  const amountMicros: Micros = micros(amount);
  const of = { accountId: exampleAccountId, nowMs: world.now, principal: operator };
  world.submit({ type: 'AddCredit', ...of, mode: 'test', amountMicros, reference: null });
});
const turnAway = fc
  .record({
    keyId: fc.option(anyKey),
    code: fc.constantFrom('signature_invalid', 'command_expired'),
    count: fc.integer({ min: 1, max: 99 }),
  })
  .map(({ keyId, code, count }): Step => (world) => {
    const of = {
      accountId: exampleAccountId,
      nowMs: world.now,
      principal: { kind: 'worker', workerId: 'wrk' },
    } as const;
    world.submit({ type: 'TurnAwayCommand', ...of, presentedKeyId: keyId, code, commandType: 'PlaceCall', count });
  });
const suspend: Step = (world) => {
  const of = { accountId: exampleAccountId, nowMs: world.now, principal: operator };
  world.submit({ type: 'SuspendAccount', ...of, reason: 'fraud' });
};
const anyStep = fc.oneof(
  { weight: 30, arbitrary: place },
  { weight: 30, arbitrary: progress },
  { weight: 20, arbitrary: wait },
  { weight: 5, arbitrary: hangUp },
  { weight: 4, arbitrary: credit },
  { weight: 3, arbitrary: changePolicy },
  { weight: 3, arbitrary: rotate },
  { weight: 2, arbitrary: revoke },
  { weight: 6, arbitrary: turnAway },
  { weight: 1, arbitrary: fc.constant(suspend) },
);
const anySteps = fc.array(anyStep, { maxLength: 120, size: 'max' });

function lived(steps: readonly Step[]): World {
  const world = new World();
  for (const step of steps) step(world);
  return world;
}

describe('an account that lives through anything', () => {
  it('keeps its balance above zero, its lines and spend within limits, its books balanced, one end to a call', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const world = new World();
        for (const step of steps) {
          step(world);
          world.inspect();
        }
      }),
      { numRuns: 150 },
    );
  });

  it('leaks no money and no line: once its calls are over, everything reserved is charged or released', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const world = lived(steps);
        for (let hour = 0; hour < 6; hour += 1) {
          world.now = addDuration(world.now, durationMs(3_600_000));
          for (let turn = 0; turn < 60; turn += 1) world.letTimersFire();
        }
        world.inspect();
        expect(world.state.calls.size).toBe(0);
        expect(world.state.books.test.reservedMicros).toBe(0n);
        expect(world.state.books.live.reservedMicros).toBe(0n);
      }),
      { numRuns: 60 },
    );
  });

  it('is what its history says, folded', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { state, history } = lived(steps);
        const folded = history.reduce(accountModel.evolve, accountModel.initialState);
        // Counts of refusals within the second, and put-off extensions, are memory alone; everything else is history.
        const remembered = (of: AccountState) => [
          of.standing,
          of.books,
          of.modes,
          of.keys.toJS(),
          of.ended.young.toJS(),
        ];
        expect(remembered(folded)).toEqual(remembered(state));
        expect(folded.calls.map((call) => ({ ...call, retryAtMs: null })).toJS()).toEqual(
          state.calls.map((call) => ({ ...call, retryAtMs: null })).toJS(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('goes on from a snapshot as if nothing had been', () => {
    fc.assert(
      fc.property(anySteps, anySteps, (steps, sequel) => {
        const world = lived(steps);
        const twin = lived(steps);
        const pieces = JSON.parse(JSON.stringify([...accountModel.snapshot(world.state)])) as Parameters<
          typeof accountModel.restore
        >[0];
        twin.state = accountModel.restore(pieces);
        expect([...accountModel.snapshot(twin.state)]).toEqual([...accountModel.snapshot(world.state)]);
        for (const step of sequel) {
          step(world);
          step(twin);
          expect(accountModel.nextDueMs(twin.state)).toBe(accountModel.nextDueMs(world.state));
        }
        expect(new Set(twin.history.map(named))).toEqual(new Set(world.history.map(named)));
      }),
      { numRuns: 60 },
    );
  });
});

/**
 * Maps restored from a snapshot may be walked in another order: the same facts, not always in one order within a
 * moment.
 */
function named(event: AccountStreamEvent): string {
  return JSON.stringify(event, (_name, value: unknown) => (typeof value === 'bigint' ? `${value.toString()}n` : value));
}

describe('progress of one call', () => {
  it('in any order, late and twice, leads to one end with one charge', () => {
    const noise = fc.array(anySignal, { maxLength: 12 });
    const end = anySignal.filter(({ kind }) => kind === 'ended');
    fc.assert(
      fc.property(noise, end, noise, (before, last, behind) => {
        const world = new World();
        const command = examplePlaceCall(
          nine,
          { principal: { kind: 'key', keyId: firstKey, home: 'account' } },
          world.ids,
        );
        world.submit(command);
        for (const signal of [...before, last, ...behind]) world.submit(exampleProgress(command, signal, world.now));
        const ends = world.history.filter(({ type }) => type === 'CallCompleted' || type === 'CallFailed');
        expect(ends).toHaveLength(1);
        expect(world.state.calls.size).toBe(0);
        expect(world.state.books.test.reservedMicros).toBe(0n);
        world.inspect();
      }),
    );
  });
});
