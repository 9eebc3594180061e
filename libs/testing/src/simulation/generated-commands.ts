import type { AttemptId } from '@ringfence/domain/shared/values';
import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import { mintSecret, secretHintOf } from '@ringfence/auth/key-secret';
import type { KeyPolicy, PolicyChange } from '@ringfence/domain/keys/key-policy';
import type { AccountId, CallId, IdSource, KeyId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { durationMs, type Micros, micros } from '@ringfence/kernel/units';
import { exampleOpening, examplePolicy, sealedExample } from '../examples.js';
import type { SeededRandom } from '../seeded-random.js';
import { simulatedHasher } from './simulated-cluster.js';
import { simulatedNumbers } from './simulated-vault.js';
import type { CallSignal } from '@ringfence/domain/calls/call.commands';

type GeneratedCommand = { readonly payload: CommandPayload; readonly result: JsonObject };
type Number = { readonly clear: string; readonly sealed: ReturnType<typeof sealedExample> };

/** Makes a policy with limits so low that a few calls reach each of them. */
export function smallPolicy(random: SeededRandom): KeyPolicy {
  return {
    ...examplePolicy,
    linesMax: random.between(1, 3),
    callsPerSecond: random.between(1, 3),
    burstCalls: random.between(1, 3),
    onRevoke: random.oneOf(['hangup', 'drain']),
    ...(random.chance(200) ? { callsMax: random.between(2, 12) } : {}),
    ...(random.chance(200) ? { minutesMax: random.between(1, 20) } : {}),
    ...(random.chance(200) ? { spendMicrosMax: someMicros(random, 10_000n) } : {}),
    ...(random.chance(200) ? { dailySpendMicrosMax: someMicros(random, 10_000n) } : {}),
  };
}

/** Makes a policy that is mostly within the parent's: the lane has to refuse the others. */
export function childPolicy(parent: KeyPolicy, random: SeededRandom): KeyPolicy {
  const most = (max: number) => (random.chance(900) ? random.between(1, max) : max + 1);
  return {
    ...parent,
    linesMax: most(parent.linesMax),
    callsPerSecond: most(parent.callsPerSecond),
    burstCalls: most(parent.burstCalls),
    callsMax: random.chance(200) ? random.between(1, 5) : parent.callsMax,
    minutesMax: random.chance(200) ? random.between(1, 8) : parent.minutesMax,
    spendMicrosMax: random.chance(200) ? someMicros(random, 5_000n) : parent.spendMicrosMax,
    dailySpendMicrosMax: random.chance(200) ? someMicros(random, 5_000n) : parent.dailySpendMicrosMax,
    onRevoke: random.oneOf(['hangup', 'drain']),
  };
}

/** Makes a change that narrows or widens one or two bounds. */
export function generatedPolicyChange(random: SeededRandom): PolicyChange {
  const few = () => random.between(1, 3);
  const orNone = <Bound>(bound: Bound) => (random.chance(300) ? null : bound);
  return random.oneOf<() => PolicyChange>([
    () => ({ linesMax: few() }),
    () => ({ callsPerSecond: few(), burstCalls: few() }),
    () => ({ callsMax: orNone(random.between(2, 12)) }),
    () => ({ minutesMax: orNone(random.between(1, 20)) }),
    () => ({ spendMicrosMax: orNone(someMicros(random, 10_000n)) }),
    () => ({ dailySpendMicrosMax: orNone(someMicros(random, 10_000n)), onRevoke: random.oneOf(['hangup', 'drain']) }),
  ])();
}

function someMicros(random: SeededRandom, each: bigint): Micros {
  return micros(BigInt(random.between(1, 9)) * each);
}

export function openAccount(accountId: AccountId): CommandPayload {
  return exampleOpening(accountId, { timeZone: 'Europe/Berlin' });
}

export function addCredit(accountId: AccountId, random: SeededRandom): CommandPayload {
  const amountMicros = micros(BigInt(random.between(1, 9)) * 20_000n);
  return { type: 'AddCredit', accountId, mode: 'test', amountMicros, reference: null };
}

/** Sets limits that are mostly so low that a few calls reach them. */
export function setLimits(accountId: AccountId, random: SeededRandom): CommandPayload {
  const few = (max: number) => (random.chance(300) ? 100 : random.between(1, max));
  return {
    type: 'SetAccountLimits',
    accountId,
    mode: 'test',
    callsPerSecond: few(4),
    burstCalls: few(4),
    linesMax: random.chance(900) ? few(4) : null,
    dailySpendMicrosMax: random.chance(500) ? someMicros(random, 20_000n) : null,
    dailySpendUnlimited: random.chance(300),
  };
}

/**
 * Zones, some of them with midnight soon after a run begins: runs are short, and clocks are set forward by a day at
 * most.
 */
const zones = ['Europe/Berlin', 'Australia/Brisbane', 'Asia/Tokyo', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC'];

export function changeTimeZone(accountId: AccountId, random: SeededRandom): CommandPayload {
  return { type: 'ChangeTimeZone', accountId, timeZone: random.oneOf(zones), zoneDisputed: false };
}

/** @param secret chosen in advance: a client that retries has to present the one that it will receive */
export function issueKey(accountId: AccountId, keyId: KeyId, secret: string, policy: KeyPolicy): CommandPayload {
  const parsed = { mode: 'test', text: secret } as const;
  return {
    type: 'IssueKey',
    accountId,
    keyId,
    mode: 'test',
    label: sealedExample('front desk'),
    digest: simulatedHasher.digestOf(parsed),
    secretHint: secretHintOf(parsed),
    policy,
    policyHash: 'cd'.repeat(32),
  };
}

export function randomSecret(random: SeededRandom): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return mintSecret('test', () => Array.from({ length: 30 }, () => letters.charAt(random.below(26))).join('')).text;
}

export function placeCall(accountId: AccountId, ids: IdSource): GeneratedCommand {
  const [callId, legId, attemptId] = [ids.callId(), ids.legId(), ids.eventId()];
  const number = (clear: string): Number => ({ clear, sealed: sealedExample(clear) });
  const payload = {
    type: 'PlaceCall',
    accountId,
    callId,
    legId,
    attemptId,
    from: number(simulatedNumbers.from),
    to: number(simulatedNumbers.to),
    flowUrl: sealedExample('https://app.example/flow'),
    statusCallbackUrl: null,
    record: false,
    ringTimeoutMs: durationMs(4_000),
  } as const;
  return { payload, result: { call_id: callId, attempt_id: attemptId } };
}

export function progress(
  accountId: AccountId,
  callId: CallId,
  attemptId: AttemptId,
  random: SeededRandom,
): CommandPayload {
  const ended: CallSignal = {
    kind: 'ended',
    cause: 'callee_hangup',
    endedBy: 'callee',
    talkTimeMs: durationMs(random.below(9_000)),
  };
  const signal = random.oneOf<CallSignal>([
    { kind: 'ringing' },
    { kind: 'answered' },
    { kind: 'answered' },
    ended,
    ended,
  ]);
  return { type: 'RecordCallProgress', accountId, callId, attemptId, signal };
}
