import { describe, expect, it } from '@jest/globals';
import {
  exampleCalendar,
  exampleAccountId,
  exampleCredit,
  exampleDecks,
  exampleKeyIssued,
  exampleOpened,
  examplePlaceCall,
  examplePolicy,
  exampleProgress,
  exampleVerified,
  nine,
  sealedExample,
} from '@ringfence/testing/examples';
import { exampleFlowReply } from '@ringfence/testing/flow-examples';
import { after, faultsOf, unknownAccount, type ReferenceAccount } from '@ringfence/testing/checkers/account-reference';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { KeyId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, micros, type EpochMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import type { KeyPolicy, PolicyChange } from '../../keys/key-policy.js';
import { scopes } from '../../shared/scopes.js';
import { dueActionsMax, type Mode, type Principal } from '../../shared/values.js';
import type { AccountState } from './account-state.js';
import { timersOf } from './account-timers.js';
import { accountModel, type AccountStreamCommand, type AccountStreamEvent } from './account-stream.js';
import type { CallSignal, PlaceCall } from '../../calls/call.commands.js';
import { nextScheduled } from './due-queue.js';

const operator: Principal = { kind: 'operator', name: 'ops' };
const roomy = { callsPerSecond: 1_000, burstCalls: 1_000, linesMax: 1_000, scopes } as const;
const headPolicy: KeyPolicy = { ...examplePolicy, ...roomy };
const at = (ms: number): EpochMs => addDuration(nine, durationMs(ms));
const talked = (talkMs: number): CallSignal => {
  return { kind: 'ended', cause: 'callee_hangup', endedBy: 'callee', talkTimeMs: durationMs(talkMs) };
};

/** One account whose keys issue keys; the reference, which is kept on paper, judges every event. */
class Family {
  state = accountModel.initialState;
  now: EpochMs = nine;
  readonly keys: KeyId[] = [];
  readonly placed: PlaceCall[] = [];
  readonly events: AccountStreamEvent[] = [];
  readonly #ids = new PredictableIds(90_000);
  #paper: ReferenceAccount = unknownAccount;

  constructor(head: Partial<KeyPolicy> = {}, mode: Mode = 'test') {
    for (const event of [exampleOpened, exampleVerified, exampleCredit]) this.#take(event, { kind: 'operator' });
    this.keys.push(this.#ids.keyId());
    this.#take({ ...exampleKeyIssued({ ...headPolicy, ...head }, this.key(0)), mode }, { kind: 'operator' });
  }

  key(index: number): KeyId {
    const keyId = this.keys[index % this.keys.length];
    if (keyId === undefined) throw new Error('there is a head');
    return keyId;
  }

  principal(index: number): Principal {
    return { kind: 'key', keyId: this.key(index), home: 'account' };
  }

  policy(index: number): KeyPolicy {
    return this.state.keys.get(this.key(index))?.key.policy ?? headPolicy;
  }

  submit(command: AccountStreamCommand): string {
    const decision = accountModel.decide(command, this.state);
    if (!decision.accepted) this.state = accountModel.afterRefusal(command, this.state, decision.refusal);
    for (const event of decision.accepted ? decision.events : decision.trace) this.#take(event, command.principal);
    return decision.accepted ? 'accepted' : decision.refusal.code;
  }

  /** @param wanted of the maker's own policy, otherwise */
  issue(maker: number, wanted: Partial<KeyPolicy> = {}, mode: Mode = 'test'): string {
    const keyId = this.#ids.keyId();
    const { label, digest, secretHint, policyHash } = exampleKeyIssued();
    const policy = { ...this.policy(maker), ...wanted };
    const of = { accountId: exampleAccountId, keyId, mode, label, digest, secretHint, policy, policyHash };
    const outcome = this.submit({ type: 'IssueKey', ...of, nowMs: this.now, principal: this.principal(maker) });
    if (outcome === 'accepted') this.keys.push(keyId);
    return outcome;
  }

  change(index: number, change: PolicyChange, principal: Principal = operator): string {
    const of = { accountId: exampleAccountId, keyId: this.key(index), nowMs: this.now, principal };
    return this.submit({ type: 'ChangeKeyPolicy', ...of, change, policyHashOf: () => '00'.repeat(32) });
  }

  rotate(index: number, principal: Principal = operator): string {
    const { digest, secretHint } = exampleKeyIssued();
    const of = { accountId: exampleAccountId, keyId: this.key(index), nowMs: this.now, principal };
    return this.submit({ type: 'RotateKey', ...of, digest, secretHint, overlapMs: durationMs(1_000) });
  }

  revoke(index: number, onRevoke: 'hangup' | 'drain' | null = null, principal: Principal = operator): string {
    const of = { accountId: exampleAccountId, keyId: this.key(index), nowMs: this.now, principal };
    return this.submit({ type: 'RevokeKey', ...of, reason: 'leaked', onRevoke });
  }

  place(index: number, change: Partial<PlaceCall> = {}): string {
    const routes = {
      live: [{ trunk: 'carrier', tier: 'premium', rank: 1 }],
      test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }],
    } as const;
    const more = { principal: this.principal(index), rateDecks: exampleDecks, routes, ...change };
    const command = examplePlaceCall(this.now, more, this.#ids);
    const outcome = this.submit(command);
    if (outcome === 'accepted') this.placed.push(command);
    return outcome;
  }

  signal(which: number, signal: CallSignal): void {
    const call = this.placed[which % Math.max(1, this.placed.length)];
    if (call === undefined) return;
    this.submit(exampleProgress(call, signal, this.now));
    if (signal.kind === 'answered') this.submit(exampleFlowReply(call, this.now));
  }

  wait(ms: number): void {
    this.now = addDuration(this.now, durationMs(ms));
    for (
      let due = accountModel.nextDueMs(this.state);
      due !== null && due <= this.now;
      due = accountModel.nextDueMs(this.state)
    )
      // prettier-ignore
      this.submit({ type: 'ActOnTime', calendar: exampleCalendar, principal: { kind: 'timer' }, nowMs: this.now });
  }

  /** The keys under which the live calls run that nobody asked to end. */
  going(): readonly number[] {
    return [...this.state.calls.values()]
      .filter(({ hangUp }) => hangUp === null)
      .map(({ authority }) => this.keys.indexOf(authority.keyId))
      .sort();
  }

  #take(event: AccountStreamEvent, principal: Principal | { readonly kind: 'operator' }): void {
    const issuedBy =
      principal.kind === 'key'
        ? { kind: principal.kind, id: principal.keyId, version: 1 }
        : { kind: principal.kind, id: 'ops', version: 0 };
    const decidedAtMs = this.now;
    if (this.events.length > 3) expect(faultsOf(this.#paper, { data: event, decidedAtMs, issuedBy })).toEqual([]);
    this.#paper = after(this.#paper, event);
    this.state = accountModel.evolve(this.state, event);
    this.events.push(event);
  }
}

/** A head, its child, the child's child and so on. */
function line(depth: number, head: Partial<KeyPolicy> = {}): Family {
  const family = new Family(head);
  for (let maker = 0; maker < depth; maker += 1) expect(family.issue(maker)).toBe('accepted');
  return family;
}

/** A head with children beside each other. */
function siblings(children: number, head: Partial<KeyPolicy> = {}, wanted: Partial<KeyPolicy> = {}): Family {
  const family = new Family(head);
  for (let child = 0; child < children; child += 1) expect(family.issue(0, wanted)).toBe('accepted');
  return family;
}

describe('what child keys use', () => {
  it.each<[string, Partial<KeyPolicy>, string]>([
    ['lines', { linesMax: 2 }, 'lines_exhausted'],
    ['burst', { burstCalls: 2, callsPerSecond: 1 }, 'rate_limited'],
    ['daily spend', { dailySpendMicrosMax: micros(120_000n) }, 'daily_spend_exceeded'],
    ['calls', { callsMax: 2 }, 'key_cap_reached'],
    ['minutes', { minutesMax: 10 }, 'key_cap_reached'],
    ['spend', { spendMicrosMax: micros(120_000n) }, 'key_cap_reached'],
  ])('counts together against the %s of their head, and its own calls with them', (_what, head, code) => {
    for (const family of [siblings(3, head), line(4, head)]) {
      expect([family.place(3), family.place(1), family.place(2), family.place(0)]).toEqual([
        'accepted',
        'accepted',
        code,
        code,
      ]);
    }
  });

  it('of another mode is counted apart: a test key below a live one takes no line of it', () => {
    const family = new Family({ linesMax: 1 }, 'live');
    expect(family.issue(0)).toBe('accepted');
    expect([family.place(1), family.place(1)]).toEqual(['accepted', 'lines_exhausted']);
    const live = family.state.keys.get(family.key(0))?.used.live;
    expect([live?.lines, live?.calls]).toEqual([0, 0]);
  });

  it('is what each key of the line allows by itself: numbers, scopes and expiry, as it is narrowed', () => {
    const bounds: readonly [PolicyChange, string][] = [
      [{ callerNumbers: [] }, 'caller_number_not_allowed'],
      [{ destinationPrefixes: ['49'] }, 'destination_not_allowed'],
      [{ linesMax: 0 }, 'lines_exhausted'],
      [{ scopes: ['keys:write'] }, 'scope_missing'],
      [{ callsMax: 0 }, 'key_cap_reached'],
      [{ expiresAtMs: at(1) }, 'key_expired'],
    ];
    for (const [narrow, code] of bounds) {
      const family = line(3);
      expect(family.change(1, narrow)).toBe('accepted');
      family.wait(1);
      expect([family.place(0), family.place(1), family.place(3)]).toEqual(['accepted', code, code]);
    }
  });

  it('ends with a parent, which was revoked or has expired, and not when it is rotated', () => {
    const family = line(3, { expiresAtMs: at(60_000) });
    expect([family.rotate(0), family.rotate(1, family.principal(0))]).toEqual(['accepted', 'accepted']);
    expect([family.place(3), family.revoke(1, null, family.principal(3))]).toEqual(['accepted', 'accepted']);
    expect([family.place(0), family.place(2), family.place(3)]).toEqual(['accepted', 'key_revoked', 'key_revoked']);
    expect([family.issue(3), family.change(0, { linesMax: 1 }, family.principal(3))]).toEqual([
      'key_revoked',
      'key_revoked',
    ]);
    expect([family.rotate(3), family.change(3, { linesMax: 1 })]).toEqual([
      'key_already_revoked',
      'key_already_revoked',
    ]);
    family.wait(60_000);
    expect([family.place(0), family.rotate(0)]).toEqual(['key_expired', 'key_expired']);
  });
});

describe('life-long caps', () => {
  const lone = (policy: Partial<KeyPolicy>) => new Family(policy);
  const authorised = (family: Family) => [...family.state.calls.values()].map((call) => call.authorisedForMs);

  it('count accepted calls for ever, whatever became of them', () => {
    const family = lone({ callsMax: 1 });
    expect(family.place(0)).toBe('accepted');
    family.signal(0, { kind: 'ended', cause: 'busy', endedBy: 'callee', talkTimeMs: durationMs(0) });
    expect(family.place(0)).toBe('key_cap_reached');
    expect(family.change(0, { callsMax: 2 })).toBe('accepted');
    expect(family.place(0)).toBe('accepted');
  });

  it('of minutes reserve what a call is authorised for, shorten it to what is left, and give back what was not talked', () => {
    const family = lone({ minutesMax: 7 });
    expect([family.place(0), family.place(0), family.place(0)]).toEqual(['accepted', 'accepted', 'key_cap_reached']);
    expect(authorised(family)).toEqual([300_000, 120_000]);
    family.signal(0, talked(60_000));
    family.signal(1, { kind: 'ended', cause: 'busy', endedBy: 'callee', talkTimeMs: durationMs(0) });
    expect([family.place(0), family.place(0)]).toEqual(['accepted', 'accepted']);
    expect(authorised(family)).toEqual([300_000, 60_000]);
  });

  it.each<Partial<KeyPolicy>>([
    { minutesMax: 8 },
    { spendMicrosMax: micros(96_000n) },
    { dailySpendMicrosMax: micros(96_000n) },
  ])('bound extensions as well, of the key itself and of its children: %j', (policy) => {
    const child = new Family(policy);
    // Its own cap is higher, as it is when a parent is narrowed later.
    expect([
      child.issue(0),
      child.change(1, { minutesMax: null, spendMicrosMax: null, dailySpendMicrosMax: null }),
    ]).toEqual(['accepted', 'accepted']);
    for (const [family, key] of [
      [lone(policy), 0],
      [child, 1],
    ] as const) {
      expect(family.place(key)).toBe('accepted');
      family.signal(0, { kind: 'answered' });
      family.wait(250_000);
      expect(authorised(family)).toEqual([480_000]);
      family.wait(150_000);
      expect(authorised(family)).toEqual([480_000]);
    }
  });

  it('of money shorten a call to what is left, and are not renewed by another day', () => {
    const family = lone({ spendMicrosMax: micros(70_000n) });
    expect(family.place(0)).toBe('accepted');
    family.signal(0, { kind: 'ended', cause: 'busy', endedBy: 'callee', talkTimeMs: durationMs(0) });
    expect([family.place(0), family.place(0)]).toEqual(['accepted', 'accepted']);
    expect(authorised(family)).toEqual([300_000, 50_000]);
    family.signal(1, talked(300_000));
    family.signal(2, talked(50_000));
    family.wait(48 * 3_600_000);
    expect(family.place(0)).toBe('key_cap_reached');
  });
});

describe('live calls below a revoked key', () => {
  const drains = { onRevoke: 'drain' } as const;
  const hangsUp = { onRevoke: 'hangup' } as const;

  it.each<[string, Partial<KeyPolicy>, Partial<KeyPolicy>, number, 'hangup' | 'drain' | null, number[]]>([
    ['its own drains, its child hangs up', drains, hangsUp, 0, null, [0]],
    ['its own hangs up, its child drains', hangsUp, drains, 0, null, []],
    ['both drain', drains, drains, 0, null, [0, 1]],
    ['the child drains and its parent hangs up, the child is revoked', hangsUp, drains, 1, null, [0]],
    ['the revocation says drain, its child hangs up', hangsUp, hangsUp, 0, 'drain', [0]],
    ['the revocation says hangup', drains, drains, 0, 'hangup', []],
  ])('follow the stricter policy of the line: %s', (_what, head, child, revoked, onRevoke, left) => {
    const family = new Family(head);
    expect(family.issue(0, child)).toBe('accepted');
    expect([family.place(0), family.place(1)]).toEqual(['accepted', 'accepted']);
    expect(family.revoke(revoked, onRevoke)).toBe('accepted');
    expect(family.going()).toEqual(left);
  });

  it('are hung up at once or by the timer, in every generation, however many they are', () => {
    const family = line(4);
    expect([family.change(1, drains), family.change(3, drains), family.change(4, drains)]).toEqual(
      Array(3).fill('accepted'),
    );
    for (let call = 0; call < 2 * dueActionsMax; call += 1) expect(family.place(call % 5)).toBe('accepted');
    expect(family.revoke(1, 'drain')).toBe('accepted');
    family.wait(0);
    // The second hangs up and so do those below it; the first drains.
    expect(new Set(family.going())).toEqual(new Set([0, 1]));
  });
});

type Step = (family: Family) => void;
const which = fc.nat(7);
/** Mostly within what the maker has: what is not named is the maker's own. */
const anyBounds: fc.Arbitrary<Partial<KeyPolicy>> = fc.record(
  {
    callsPerSecond: fc.constantFrom(1, 2, 1_000),
    burstCalls: fc.constantFrom(1, 2, 1_000),
    linesMax: fc.constantFrom(0, 1, 2, 3, 1_000),
    dailySpendMicrosMax: fc.constantFrom(null, micros(50_000n), micros(130_000n)),
    callerNumbers: fc.constantFrom(null, [sealedExample('+14155550100')], []),
    expiresAtMs: fc.constantFrom(null, at(40_000), at(4_000_000)),
    onRevoke: fc.constantFrom('hangup', 'drain'),
    callsMax: fc.constantFrom(null, 1, 4),
    minutesMax: fc.constantFrom(null, 1, 6, 12),
    spendMicrosMax: fc.constantFrom(null, micros(30_000n), micros(100_000n)),
  },
  { requiredKeys: [] },
);
const anySignal = fc.constantFrom<CallSignal>(
  { kind: 'ringing' },
  { kind: 'answered' },
  { kind: 'answered' },
  talked(0),
  talked(7_500),
  talked(400_000),
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(which, anyBounds).map(([maker, wanted]): Step => (family) => {
      family.issue(maker, wanted);
    }),
  },
  {
    weight: 30,
    arbitrary: which.map((key): Step => (family) => {
      family.place(key);
    }),
  },
  {
    weight: 20,
    arbitrary: fc.tuple(fc.nat(30), anySignal).map(([call, signal]): Step => (family) => {
      family.signal(call, signal);
    }),
  },
  {
    weight: 12,
    arbitrary: fc.constantFrom(0, 1, 500, 30_000, 160_000, 3_600_000).map((ms): Step => (family) => {
      family.wait(ms);
    }),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(which, which, anyBounds).map(([key, principal, change]): Step => (family) => {
      family.change(key, withoutRate(change), family.principal(principal));
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(which, anyBounds).map(([key, change]): Step => (family) => {
      family.change(key, withoutRate(change));
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(which, which).map(([key, principal]): Step => (family) => {
      family.rotate(key, family.principal(principal));
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(which, fc.constantFrom('hangup', 'drain', null)).map(([key, onRevoke]): Step => (family) => {
      family.revoke(key, onRevoke);
    }),
  },
);

/**
 * A bucket of the reference is full after a change of its rate, and would say nothing. Lines may be narrowed below what
 * is live; that is no call's fault.
 */
function withoutRate({ callsPerSecond: _rate, burstCalls: _burst, ...rest }: PolicyChange): PolicyChange {
  return rest;
}

/** Sets and maps may be walked in another order after a restore. */
function keysOf({ keys }: AccountState): object {
  return keys
    .sortBy((_use, keyId) => keyId)
    .map((use) => ({
      ...use,
      activeCalls: use.activeCalls.sort().toArray(),
      busyChildren: use.busyChildren.sort().toArray(),
    }))
    .toJS();
}

describe('a family that lives through anything', () => {
  it('never exceeds its head, nor any key above another, and goes on from a snapshot as if nothing had been', () => {
    fc.assert(
      fc.property(anyBounds, fc.array(anyStep, { maxLength: 100, size: 'max' }), (head, steps) => {
        const family = new Family(head);
        for (const step of steps) {
          step(family);
          expect(accountModel.nextDueMs(family.state)).toBe(nextScheduled(timersOf(family.state))?.dueMs ?? null);
        }
        const pieces = JSON.parse(JSON.stringify([...accountModel.snapshot(family.state)])) as Parameters<
          typeof accountModel.restore
        >[0];
        const restored = accountModel.restore(pieces);
        expect(keysOf(restored)).toEqual(keysOf(family.state));
        const folded = family.events.reduce(accountModel.evolve, accountModel.initialState);
        expect(keysOf(folded)).toEqual(keysOf(family.state));
      }),
      { numRuns: 150 },
    );
  });
});
