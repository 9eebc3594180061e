import { firstRateDeck } from '@ringfence/domain/billing/rating/first-rate-deck';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { Mode } from '@ringfence/domain/shared/values';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import {
  type AccountId,
  type CommandId,
  type IdSource,
  inventoryStream,
  type KeyId,
  parseAccountId,
  parseKeyId,
  platformStream,
  type StreamId,
} from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { pause } from '@ringfence/kernel/timers';
import { addDuration, durationMs, epochMs, micros } from '@ringfence/kernel/units';
import { hash } from 'node:crypto';
import { mintSecret, secretHintOf } from '@ringfence/auth/key-secret';
import { policyHashOf } from '@ringfence/event-catalog/policy-hash';
import type { SecretHasher } from '@ringfence/auth/secret-hasher';
import type { CommandDispatcher, CommandOutcome, CommandPayload } from '@ringfence/commands/command-dispatcher';
import { recalled } from '@ringfence/lanes/outcome-codec';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { operatorPolicy, sandboxPolicy } from './demo-policies.js';
import type { OpenedLog } from '@ringfence/lanes/open-log';

/** The number of the demo account, in the range of the sandbox. */
const demoNumber = '+15005550100';
/** Credit of the demo account in each of its books: 1 000.00. */
const demoCreditMicros = micros(1_000_000_000n);
const stepDeadlineMs = durationMs(30_000);
const retryMs = durationMs(50);

export type BootstrapOptions = {
  readonly log: OpenedLog;
  readonly store: EventStore;
  readonly dispatcher: CommandDispatcher;
  readonly vault: SubjectVault;
  readonly hasher: SecretHasher;
  readonly ids: IdSource;
  readonly clock: Clock;
};

/** Secrets that are shown once. */
export type FirstSecrets = { readonly operatorSecret: string; readonly sandboxSecret: string };
export type Bootstrapped =
  /** The log was begun by other means: it has no event of the bootstrap, and none was added. */
  | { readonly kind: 'not_ours' }
  | {
      readonly kind: 'ready';
      readonly accountId: AccountId;
      readonly operatorKeyId: KeyId;
      /** null: shown at an earlier start. */
      readonly secrets: FirstSecrets | null;
      /** Marks the secrets as shown: they are never shown again. */
      readonly shown: () => Promise<void>;
    };

/**
 * Looks up what earlier starts have prepared and shown. Reads only the log, so that a start does not wait for a lane.
 * @returns null: something may be left to do
 */
export async function alreadyReady(options: Pick<BootstrapOptions, 'log' | 'store'>): Promise<Bootstrapped | null> {
  const { store } = options;
  const platform = await acceptedSteps(store, platformStream, platformSteps);
  const issued = platform.get('operator-key');
  if (platform.size < platformSteps.length || issued === undefined || !(await wereShown(options))) return null;
  const { keyId: operatorKeyId, accountId } = issuedKey(issued);
  if ((await acceptedSteps(store, accountId, accountSteps)).size < accountSteps.length) return null;
  return { kind: 'ready', accountId, operatorKeyId, secrets: null, shown: () => Promise.resolve() };
}

/**
 * Makes an empty platform ready for its first call: a price list, an operator's key, and a verified account with
 * credit, a sandbox number and a sandbox key. Each step has a fixed command id, so that the next start completes what a
 * crash interrupted; secrets that were never shown are replaced.
 * @throws Failure of the lane, the vault or the store
 */
export async function bootstrap(options: BootstrapOptions): Promise<Bootstrapped> {
  const { store } = options;
  const begun = await acceptedSteps(store, platformStream, ['rate-deck']);
  if (begun.size === 0 && (await store.head()) > 1) return { kind: 'not_ours' };
  const wanted = !(await wereShown(options));

  await publishFirstDeck(options);
  const operator = await issueOperatorKey(options, wanted);
  await openDemoAccount(options, operator.accountId);
  // Not at later starts: then the deciders may be of a release that knows no inventory.
  if (wanted) await addDemoNumber(options, operator.accountId);
  const sandbox = await issueSandboxKey(options, operator.accountId, wanted);
  const secrets =
    operator.secret === null || sandbox.secret === null
      ? null
      : { operatorSecret: operator.secret, sandboxSecret: sandbox.secret };
  return {
    kind: 'ready',
    accountId: operator.accountId,
    operatorKeyId: operator.keyId,
    secrets,
    shown: async () => {
      await store.putBlob(shownNote(options));
    },
  };
}

const platformSteps = ['rate-deck', 'operator-key'] as const;
const accountSteps = ['open-account', 'verify-account', 'credit-live', 'credit-test', 'sandbox-key'] as const;
type StepName = (typeof platformSteps)[number] | (typeof accountSteps)[number] | 'sandbox-number';

/** Returns the results of the accepted ones of a stream's steps. */
async function acceptedSteps(
  store: EventStore,
  stream: StreamId,
  names: readonly StepName[],
): Promise<ReadonlyMap<StepName, JsonObject>> {
  const found = await store.findOutcomes(names.map((name) => ({ stream, commandId: stepId(name) })));
  const steps = new Map<StepName, JsonObject>();
  for (const outcome of found) {
    const name = names.find((each) => stepId(each) === outcome.commandId);
    const earlier = recalled(outcome, true);
    if (name !== undefined && earlier.accepted) steps.set(name, earlier.result);
  }
  return steps;
}

function shownNote({ log }: Pick<BootstrapOptions, 'log'>): Buffer {
  return Buffer.from(JSON.stringify({ note: 'the first secrets were shown', logId: log.logId }));
}

async function wereShown(options: Pick<BootstrapOptions, 'log' | 'store'>): Promise<boolean> {
  return (await options.store.getBlob(hash('sha256', shownNote(options), 'hex'))) !== undefined;
}

function issuedKey(result: JsonObject): { readonly keyId: KeyId; readonly accountId: AccountId } {
  return { keyId: idIn(result, 'key_id', parseKeyId), accountId: idIn(result, 'account_id', parseAccountId) };
}

async function publishFirstDeck(options: BootstrapOptions): Promise<void> {
  const { store, ids } = options;
  const deckId = ids.deckId();
  const rowsSha256 = await store.putBlob(Buffer.from(JSON.stringify(firstRateDeck.rows)));
  const { currency, rows } = firstRateDeck;
  const payload = {
    type: 'PublishRateDeck',
    deckId,
    currency,
    rowCount: rows.length,
    rowsSha256,
    // In force from the beginning of time: the clock of the decider that opens the next account may be behind this one.
    effectiveFromMs: epochMs(0),
  } as const;
  await step(options, 'rate-deck', platformStream, payload, { deck_id: deckId });
}

type FirstKey = { readonly keyId: KeyId; readonly accountId: AccountId; readonly secret: string | null };

async function issueOperatorKey(options: BootstrapOptions, wanted: boolean): Promise<FirstKey> {
  const accountId = options.ids.accountId();
  return issue(
    options,
    'operator-key',
    { mode: 'live', label: 'first operator', policy: operatorPolicy, home: null },
    accountId,
    wanted,
  );
}

async function issueSandboxKey(options: BootstrapOptions, accountId: AccountId, wanted: boolean): Promise<FirstKey> {
  return issue(
    options,
    'sandbox-key',
    { mode: 'test', label: 'sandbox', policy: sandboxPolicy, home: accountId },
    accountId,
    wanted,
  );
}

type KeyToIssue = {
  readonly mode: Mode;
  readonly label: string;
  readonly policy: KeyPolicy;
  readonly home: AccountId | null;
};

/** @param wanted whether its secret is still to be shown: a key issued at an earlier start is then rotated */
async function issue(
  options: BootstrapOptions,
  name: StepName,
  { mode, label, policy, home }: KeyToIssue,
  accountId: AccountId,
  wanted: boolean,
): Promise<FirstKey> {
  const { ids, vault, hasher } = options;
  const stream = home ?? platformStream;
  const secret = mintSecret(mode);
  const digest = hasher.digestOf(secret);
  const secretHint = secretHintOf(secret);
  const keyId = ids.keyId();
  const payload: CommandPayload = {
    type: 'IssueKey',
    accountId: home,
    keyId,
    mode,
    label: await vault.seal(stream, label),
    digest,
    secretHint,
    policy,
    policyHash: policyHashOf(policy),
  };
  const issued = await step(options, name, stream, payload, { key_id: keyId, account_id: accountId });
  const known = issuedKey(issued.result);
  if (!issued.replayed) return { ...known, secret: secret.text };
  if (!wanted) return { ...known, secret: null };
  const rotation: CommandPayload = {
    type: 'RotateKey',
    accountId: home,
    keyId: known.keyId,
    digest,
    secretHint,
    overlapMs: durationMs(0),
  };
  await dispatch(options, options.ids.commandId(), stream, rotation, { key_id: known.keyId });
  return { ...known, secret: secret.text };
}

async function openDemoAccount(options: BootstrapOptions, accountId: AccountId): Promise<void> {
  const name = await options.vault.seal(accountId, 'Demo account');
  const result = { account_id: accountId };
  const opened: CommandPayload = {
    type: 'OpenAccount',
    accountId,
    name,
    currency: 'USD',
    region: 'local',
    timeZone: 'UTC',
    zoneDisputed: false,
  };
  // Another process may decide for the account; it learns of the price list a moment after the publication.
  await dispatch(options, stepId('open-account'), accountId, opened, result, 'currency_without_deck');
  await step(options, 'verify-account', accountId, { type: 'VerifyAccount', accountId }, result);
  for (const mode of ['live', 'test'] as const) {
    const credit: CommandPayload = {
      type: 'AddCredit',
      accountId,
      mode,
      amountMicros: demoCreditMicros,
      reference: null,
    };
    await step(options, `credit-${mode}`, accountId, credit, result);
  }
}

/** The account has the number a moment later. */
async function addDemoNumber(options: BootstrapOptions, accountId: AccountId): Promise<void> {
  const { ids, vault } = options;
  const numberId = ids.numberId();
  const number = { clear: demoNumber, sealed: await vault.seal(platformStream, demoNumber) };
  const payload = { type: 'AddNumber', numberId, accountId, number, locality: null, name: null } as const;
  await step(options, 'sandbox-number', inventoryStream, payload, { number_id: numberId });
}

type Accepted = Extract<CommandOutcome, { accepted: true }>;

/**
 * Makes the same command for the same step at every start, whatever new ids it carries: the first accepted one counts.
 */
function step(
  options: BootstrapOptions,
  name: StepName,
  stream: StreamId,
  payload: CommandPayload,
  result: JsonObject,
): Promise<Accepted> {
  return dispatch(options, stepId(name), stream, payload, result);
}

/** @param passing the code of a temporary refusal: the command is sent again for as long as a step may take */
async function dispatch(
  { dispatcher, clock }: BootstrapOptions,
  commandId: CommandId,
  stream: StreamId,
  payload: CommandPayload,
  result: JsonObject,
  passing?: RefusalCode,
): Promise<Accepted> {
  const giveUpAtMs = systemTimers.monotonicMs() + stepDeadlineMs;
  for (;;) {
    const outcome = await dispatcher.dispatch({
      commandId,
      idChosenByClient: true,
      fingerprint: hash('sha256', `bootstrap ${payload.type}`, 'buffer'),
      stream,
      principal: { kind: 'operator', name: 'bootstrap' },
      payload,
      result,
      deadlineMs: addDuration(clock.now(), stepDeadlineMs),
      traceparent: null,
    });
    if (outcome.accepted) return outcome;
    const { code } = outcome.refusal;
    if (code !== passing || systemTimers.monotonicMs() >= giveUpAtMs)
      throw new Failure('bootstrap_refused', `${payload.type} was refused: ${code}`, false);
    await pause(systemTimers, retryMs);
  }
}

function stepId(name: StepName): CommandId {
  return `bootstrap:${name}` as CommandId;
}

function idIn<Id>(result: JsonObject, name: string, parse: (text: string) => Id | undefined): Id {
  const text = result[name];
  const id = typeof text === 'string' ? parse(text) : undefined;
  if (id === undefined) throw new Failure('bootstrap_refused', `an earlier start left no ${name}`, false);
  return id;
}
