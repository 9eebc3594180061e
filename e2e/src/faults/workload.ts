import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountId, type KeyId, parseAccountId, parseKeyId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import { SeededRandom } from '@ringfence/testing/seeded-random';
import { caller } from '../test-accounts.js';
import type { CommandAnswer, Asker, ClientOperation } from './asking.js';

/** Number of clients; each does one thing after the other. */
const clients = 32;
const accounts = 4;
const keysAtFirst = 2;
const keysMax = 4;
/** Pause between two operations of one client; with shorter ones, a run of an hour would have too many to judge. */
const restMsMax = 250;
const restMsMaxLong = 900;
/** Time for which a client retries before it leaves a command for the end. */
const patienceMs = 25_000;
const againAfterMs = 250;
/** The most earlier commands of a client that it may repeat. */
const rememberedMax = 20;
/** Numbers for every way in which a call can end by itself. */
const numbers = ['+15005550000', '+15005550003', '+15005550002', '+15005550005', '+15005552020', '+15005552060'];

/** Mode of all keys that the clients use. */
const keysMode = 'test';

type Key = { readonly keyId: KeyId; readonly secret: string };
type Account = { readonly accountId: AccountId; readonly keys: Key[] };
type Answered = { readonly operation: ClientOperation; readonly answer: CommandAnswer };

/**
 * The clients during the faults: calls, hang-ups, money, keys and their revocation, and repetitions of earlier
 * requests.
 */
export class Workload {
  readonly #accounts: Account[] = [];
  /** Commands with an unknown outcome. */
  readonly #open: ClientOperation[] = [];
  #named = 0;

  constructor(
    private readonly asker: Asker,
    private readonly operatorSecret: string,
    private readonly seed: number,
    private readonly long: boolean,
  ) {}

  get accountIds(): readonly AccountId[] {
    return this.#accounts.map(({ accountId }) => accountId);
  }

  /** Opens the accounts before the faults begin. */
  async begin(open: (name: string) => Promise<string>): Promise<void> {
    const random = new SeededRandom(this.seed);
    for (let at = 0; at < accounts; at += 1) {
      const accountId = parseAccountId(await open(`Fault run ${String(at)}`));
      if (accountId === undefined) throw new Error('an account has no id');
      const account: Account = { accountId, keys: [] };
      this.#accounts.push(account);
      for (let key = 0; key < keysAtFirst; key += 1) await this.#issueKey(account, random);
      await this.#addCredit(account, 2_000_000 + random.below(5_000_000));
    }
  }

  async run(over: () => boolean): Promise<void> {
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const random = new SeededRandom(this.seed * clients + client + 1);
        const mine: Answered[] = [];
        while (!over()) {
          const answered = await this.#turn(random, mine);
          if (answered !== undefined) mine.push(answered);
          if (mine.length > rememberedMax) mine.shift();
          await sleep(random.below(this.long ? restMsMaxLong : restMsMax));
        }
      }),
    );
  }

  /** Retries all open commands until their outcome is known. @returns the number that are still open */
  async settle(withinMs: number): Promise<number> {
    const deadline = performance.now() + withinMs;
    const open = this.#open.splice(0);
    const left = await Promise.all(
      open.map((operation, at) => this.#until(operation, at, deadline - performance.now())),
    );
    return left.filter(({ kind }) => kind === 'nothing').length;
  }

  /**
   * Gives some live keys two lines each: two calls have to be accepted and the third refused, because no line has
   * leaked.
   * @returns what is wrong
   */
  async probeLines(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const account of this.#accounts) {
      const [key] = account.keys;
      if (key === undefined) continue;
      await this.#addCredit(account, 1_000_000);
      await this.#do({
        ...this.#operation('ChangeKeyPolicy', account, null),
        method: 'PATCH',
        path: `/keys/${key.keyId}/policy`,
        body: { lines_max: 2 },
      });
      // The rate has to permit three calls at once.
      await sleep(restForProbeMs);
      const said: string[] = [];
      for (let at = 0; at < 3; at += 1) {
        const { answer } = await this.#placeCall(account, key, ringsForEver);
        if (answer.kind !== 'outcome') said.push(answer.code);
        else if (!answer.outcome.accepted) said.push(answer.outcome.refusal.code);
        else {
          said.push('accepted');
          this.#probes.push({ account, key, callId: idIn(answer.body) });
        }
      }
      if (said.join() !== 'accepted,accepted,lines_exhausted')
        found.push(`${key.keyId} has two lines and says ${said.join(', ')}`);
    }
    for (const { account, key, callId } of this.#probes) await this.#hangUp(account, key, callId);
    return found;
  }

  readonly #probes: { readonly account: Account; readonly key: Key; readonly callId: string }[] = [];

  async #turn(random: SeededRandom, mine: readonly Answered[]): Promise<Answered | undefined> {
    const account = random.oneOf(this.#accounts);
    const key = account.keys.length > 0 ? random.oneOf(account.keys) : undefined;
    const dice = random.below(100);
    if (key === undefined || (dice < 3 && account.keys.length < keysMax)) return this.#issueKey(account, random);
    if (dice < 6) return this.#revokeKey(account, key);
    if (dice < 14) return this.#addCredit(account, 20_000 + random.below(400_000));
    const earlier = mine.length > 0 ? random.oneOf(mine) : undefined;
    if (dice < 24 && earlier !== undefined) {
      await this.#do(earlier.operation, random.below(2));
      return undefined;
    }
    if (
      dice < 34 &&
      earlier?.operation.commandType === 'PlaceCall' &&
      earlier.answer.kind === 'outcome' &&
      earlier.answer.outcome.accepted
    )
      return this.#hangUp(
        account,
        { keyId: earlier.operation.keyId ?? key.keyId, secret: earlier.operation.secret },
        idIn(earlier.answer.body),
        earlier.operation.accountId,
      );
    return this.#placeCall(account, key, random.oneOf(numbers), random.below(2));
  }

  async #issueKey(account: Account, random: SeededRandom): Promise<Answered> {
    const body = {
      account_id: account.accountId,
      label: 'fault run',
      mode: keysMode,
      preset: 'Make calls',
      calls_per_second: random.between(3, 30),
      burst_calls: random.between(3, 30),
      lines_max: random.between(2, 12),
      on_revoke: random.oneOf(['hangup', 'drain']),
    };
    const answered = await this.#do({ ...this.#operation('IssueKey', account, null), path: '/keys', body });
    const { answer } = answered;
    // If the client never got the secret, the key cannot be used.
    if (answer.kind === 'outcome' && typeof answer.body['secret'] === 'string') {
      const keyId = parseKeyId(idIn(answer.body));
      if (keyId !== undefined) account.keys.push({ keyId, secret: answer.body['secret'] });
    }
    return answered;
  }

  async #revokeKey(account: Account, key: Key): Promise<Answered> {
    const answered = await this.#do({
      ...this.#operation('RevokeKey', account, null),
      path: `/keys/${key.keyId}/revoke`,
      body: { reason: 'leaked' },
    });
    // A thief may go on for a while.
    setTimeout(() => {
      const at = account.keys.indexOf(key);
      if (at >= 0) account.keys.splice(at, 1);
    }, revokedUsedMs).unref();
    return answered;
  }

  #addCredit(account: Account, amount: number): Promise<Answered> {
    const path = `/accounts/${account.accountId}/credit`;
    return this.#do({
      ...this.#operation('AddCredit', account, null),
      path,
      body: { mode: 'test', amount_micros: String(amount) },
    });
  }

  #placeCall(account: Account, key: Key, to: string, gateway?: number): Promise<Answered> {
    const body = { from_number: caller, to_number: to };
    return this.#do({ ...this.#operation('PlaceCall', account, key), path: '/voice/calls/initiate', body }, gateway);
  }

  #hangUp(account: Account, key: Key, callId: string, accountId = account.accountId): Promise<Answered> {
    return this.#do({
      ...this.#operation('HangUpCall', account, key),
      accountId,
      path: `/voice/calls/${callId}/hangup`,
      body: {},
      answerFields: [],
    });
  }

  #operation(
    commandType: ClientOperation['commandType'],
    { accountId }: Account,
    key: Key | null,
  ): Omit<ClientOperation, 'path' | 'body'> {
    this.#named += 1;
    return {
      commandType,
      accountId,
      keyId: key?.keyId ?? null,
      secret: key?.secret ?? this.operatorSecret,
      mode: key === null ? null : keysMode,
      method: 'POST',
      idempotencyKey: `fault-run-${String(this.#named)}`,
      answerFields: ['id'],
    };
  }

  async #do(operation: ClientOperation, gateway = this.#named): Promise<Answered> {
    const answer = await this.#until(operation, gateway, patienceMs);
    if (answer.kind === 'nothing') this.#open.push(operation);
    return { operation, answer };
  }

  /** Retries as a careful client does, at the other gateway too, until an answer is final. */
  async #until(operation: ClientOperation, gateway: number, withinMs: number): Promise<CommandAnswer> {
    const deadline = performance.now() + withinMs;
    for (let attempt = gateway; ; attempt += 1) {
      const answer = await this.asker.ask(operation, attempt % 2);
      const waits =
        answer.kind === 'nothing' ||
        (answer.kind === 'outcome' && !answer.outcome.accepted && cured.has(answer.outcome.refusal.code));
      if (!waits || performance.now() > deadline) return answer;
      await sleep(againAfterMs);
    }
  }
}

function idIn({ id }: JsonObject): string {
  return typeof id === 'string' ? id : '';
}

/** Refusals after which the command is not decided. */
const cured = new Set<string>(['deadline_passed', 'overloaded']);
const revokedUsedMs = 1_500;
const restForProbeMs = 1_100;
const ringsForEver = '+15005550006';
