import type { CommandOutcome, CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import type { AttemptId, Principal } from '@ringfence/domain/shared/values';
import { Failure } from '@ringfence/kernel/failure';
import { type AccountId, type CallId, type CommandId, type KeyId, parseCallId } from '@ringfence/kernel/ids';
import { pause } from '@ringfence/kernel/timers';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { PredictableIds } from '../predictable-ids.js';
import { SimulatedBus } from './simulated-bus.js';
import type { SimulatedCluster } from './simulated-cluster.js';
import type { ClientRequest } from './simulated-gateway.js';
import type { SimulatedProcess } from './simulated-process.js';
import { misplacedMessage, placedMessage, unreadable } from './spurious-messages.js';
import { travelMs } from './fault-profile.js';
import {
  addCredit,
  changeTimeZone,
  childPolicy,
  issueKey,
  openAccount,
  placeCall,
  generatedPolicyChange,
  progress,
  randomSecret,
  setLimits,
  smallPolicy,
} from './generated-commands.js';

const handsMax = 3;
const thinkMsMax = 600;
const triesMax = 4;
const triesAtStartMax = 40;
const patienceMs = 6_000;
const rememberedMax = 8;
const transactionCommandsMax = 4;
const openMsMax = 9_000;
const suspendedMsMax = 1_500;
const operator: Principal = { kind: 'operator', name: 'simulated' };
const worker: Principal = { kind: 'worker', workerId: 'wrk_simulated' };

type Key = { readonly keyId: KeyId; readonly secret: string; readonly policy: KeyPolicy };
type Call = { readonly callId: CallId; readonly attemptId: AttemptId };

/** Numbers the requests of clients; a number is never reused. */
export class AskCounter {
  #count = 0;

  next(): number {
    this.#count += 1;
    return this.#count;
  }
}

/**
 * A client with one account: it places and hangs up calls, issues, changes and revokes keys, adds credit, sets limits,
 * suspends and resumes the account, changes its zone, and retries with the same id when it gets no answer. It also
 * plays the worker and the operator.
 */
export class SimulatedClient {
  readonly #ids: PredictableIds;
  readonly #accountId: AccountId;
  #keys: Key[] = [];
  readonly #calls: Call[] = [];
  readonly #asked: ClientRequest[] = [];
  #hasBegun = false;

  constructor(
    private readonly process: SimulatedProcess,
    private readonly cluster: SimulatedCluster,
    private readonly asks: AskCounter,
    /** Number from 1; ids of different clients differ. */
    private readonly number: number,
  ) {
    this.#ids = new PredictableIds(number * 10_000_000);
    this.#accountId = this.#ids.accountId();
  }

  get accountId(): AccountId {
    return this.#accountId;
  }

  /** Opens the account and gets a key. */
  async begin(): Promise<void> {
    const accountId = this.#accountId;
    const { random } = this.process.world;
    await this.#operate(openAccount(accountId), triesAtStartMax);
    await this.#operate({ type: 'VerifyAccount', accountId }, triesAtStartMax);
    await this.#operate(addCredit(accountId, random), triesAtStartMax);
    await this.#issueKey(triesAtStartMax);
    this.#hasBegun = true;
  }

  /** Does several things at once until `over` returns true; then finishes what is in progress. */
  async work(over: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: handsMax }, () => this.#workByItself(over)));
  }

  /**
   * Adds credit once more after the faults. A process that has just lost a lane may need a while to take it again.
   * @returns whether it was accepted
   */
  async isServed(): Promise<boolean> {
    const payload = addCredit(this.#accountId, this.process.world.random);
    const commandId = `c${String(this.number)}-last` as CommandId;
    const request = { ...this.#request(operator, () => ({ payload, result: {} })), commandId };
    for (let attempt = 1; attempt <= triesAtStartMax; attempt += 1) {
      const outcome = await this.#ask(request);
      if (outcome?.accepted === true) return true;
      await pause(this.process.timers, patienceMs / 2);
    }
    return false;
  }

  async #workByItself(over: () => boolean): Promise<void> {
    while (!over()) {
      await pause(this.process.timers, this.process.world.random.below(thinkMsMax));
      await this.#doSomething();
    }
  }

  async #doSomething(): Promise<void> {
    const { random } = this.process.world;
    const accountId = this.#accountId;
    const choice = random.below(100);
    const call = this.#calls.length === 0 ? undefined : random.oneOf(this.#calls);
    const key = this.#keys.length === 0 ? undefined : random.oneOf(this.#keys);
    const again = this.#asked.length === 0 ? undefined : random.oneOf(this.#asked);
    if (choice < 50 && key !== undefined) return this.#place(key);
    if (choice < 60 && call !== undefined && key !== undefined)
      return this.#submit(key, { type: 'HangUpCall', accountId, callId: call.callId, legId: null });
    if (choice < 76 && call !== undefined)
      return this.#submit(worker, progress(accountId, call.callId, call.attemptId, random));
    if (choice < 79) return this.#operate(addCredit(accountId, random), triesMax);
    if (choice < 81 && key !== undefined) return this.#changePolicy(key);
    if (choice < 82) return this.#operate(setLimits(accountId, random), triesMax);
    if (choice < 84 || key === undefined) return this.#issueKey(triesMax);
    if (choice < 87) return this.#issueChild(key);
    if (choice < 90) return this.#revoke(key);
    if (choice < 91) return this.#suspend();
    if (choice < 92) return this.#operate(changeTimeZone(accountId, random), triesMax);
    if (choice < 95) return this.#stray();
    if (again !== undefined) await this.#ask(again);
  }

  async #place(key: Key): Promise<void> {
    const outcome = await this.#withRetry(
      this.#request(key, (ids) => placeCall(this.#accountId, ids)),
      triesMax,
    );
    const { call_id: callId, attempt_id: attemptId } = outcome?.accepted === true ? outcome.result : {};
    const parsed = typeof callId === 'string' ? parseCallId(callId) : undefined;
    if (parsed === undefined || typeof attemptId !== 'string') return;
    // The id that a gateway made for the event.
    remember(this.#calls, { callId: parsed, attemptId: attemptId as AttemptId });
  }

  async #issueKey(tries: number): Promise<void> {
    await this.#issue(operator, smallPolicy(this.process.world.random), tries);
  }

  /**
   * Issues a key. Every key of a client is bounded, so the new one is its child, whether the client knows that or not.
   */
  async #issueChild(maker: Key): Promise<void> {
    await this.#issue(maker, childPolicy(maker.policy, this.process.world.random), triesMax);
  }

  async #issue(as: Key | Principal, policy: KeyPolicy, tries: number): Promise<void> {
    const key = { keyId: this.#ids.keyId(), secret: randomSecret(this.process.world.random), policy };
    const payload = issueKey(this.#accountId, key.keyId, key.secret, policy);
    const outcome = await this.#withRetry(
      this.#request(as, () => ({ payload, result: {} })),
      tries,
    );
    if (outcome?.accepted === true) remember(this.#keys, key);
  }

  /** Changes a policy: by the operator, by the key itself, or by another key, which may be an ancestor or not. */
  async #changePolicy(key: Key): Promise<void> {
    const { random } = this.process.world;
    const change = generatedPolicyChange(random);
    const payload = { type: 'ChangeKeyPolicy', accountId: this.#accountId, keyId: key.keyId, change } as const;
    const as = random.chance(600) ? operator : random.oneOf(this.#keys);
    const outcome = await this.#withRetry(
      this.#request(as, () => ({ payload, result: {} })),
      triesMax,
    );
    if (outcome?.accepted === true)
      this.#keys = this.#keys.map((each) =>
        each.keyId === key.keyId ? { ...each, policy: { ...each.policy, ...change } } : each,
      );
  }

  /** Revokes a key. Sometimes it stays in use, as if by a thief. */
  async #revoke(key: Key): Promise<void> {
    const { keyId } = key;
    if (this.process.world.random.chance(700)) this.#keys = this.#keys.filter((each) => each !== key);
    await this.#operate(
      { type: 'RevokeKey', accountId: this.#accountId, keyId, reason: 'leaked', onRevoke: null },
      triesMax,
    );
  }

  /** Suspends the account for a while; meanwhile the other activities go on. */
  async #suspend(): Promise<void> {
    const accountId = this.#accountId;
    await this.#operate({ type: 'SuspendAccount', accountId, reason: 'unpaid' }, triesMax);
    await pause(this.process.timers, this.process.world.random.below(suspendedMsMax));
    await this.#operate({ type: 'ResumeAccount', accountId }, triesAtStartMax);
  }

  /** Publishes like a foreign producer, which hashes keys in its own way or knows nothing of CloudEvents. */
  async #stray(): Promise<void> {
    const { random } = this.process.world;
    const bus = new SimulatedBus(this.cluster.broker, this.process, this.cluster.recording);
    const payload = addCredit(this.#accountId, random);
    const good = () =>
      (random.chance(700) ? placedMessage : misplacedMessage)(
        this.#accountId,
        payload,
        this.#ids,
        this.process.clock.now(),
      );
    if (random.chance(500)) {
      this.#transact(good);
      return;
    }
    const message = random.chance(300)
      ? unreadable(this.#accountId)
      : misplacedMessage(this.#accountId, payload, this.#ids, this.process.clock.now());
    await bus.publish([message]).catch(() => undefined);
  }

  /** Publishes like a foreign producer that writes some commands in a transaction and leaves it open for a while. */
  #transact(command: () => OutgoingMessage): void {
    const { random } = this.process.world;
    const messages = Array.from({ length: random.between(1, transactionCommandsMax) }, command);
    this.cluster.broker.transact(messages, random.below(openMsMax), random.chance(600));
  }

  async #operate(payload: CommandPayload, tries: number): Promise<void> {
    await this.#withRetry(
      this.#request(operator, () => ({ payload, result: {} })),
      tries,
    );
  }

  async #submit(as: Key | Principal, payload: CommandPayload): Promise<void> {
    await this.#withRetry(
      this.#request(as, () => ({ payload, result: {} })),
      triesMax,
    );
  }

  #request(as: Key | Principal, build: ClientRequest['build']): ClientRequest {
    const { random } = this.process.world;
    const commandId = random.chance(this.#hasBegun ? 800 : 1_000)
      ? (`c${String(this.number)}-${this.#ids.commandId()}` as CommandId)
      : null;
    return {
      stream: this.#accountId,
      commandId,
      fingerprint: Buffer.from(commandId ?? 'none'),
      as,
      build,
    };
  }

  /**
   * Retries with the same id until there is an answer; without an id it sends only once, because the command could be
   * carried out twice.
   */
  async #withRetry(request: ClientRequest, tries: number): Promise<CommandOutcome | undefined> {
    if (request.commandId !== null) remember(this.#asked, request);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#ask(request);
      if (outcome !== undefined || request.commandId === null || attempt === tries) return outcome;
      await pause(this.process.timers, this.process.world.random.between(50, 400));
    }
  }

  /** Sends one request; undefined: there was no answer. */
  async #ask(request: ClientRequest): Promise<CommandOutcome | undefined> {
    const { recording, log } = this.cluster;
    const asking = this.asks.next();
    const { stream } = request;
    const commandId = request.commandId ?? (`unnamed-${String(asking)}` as CommandId);
    const commandType = request.build(new PredictableIds()).payload.type;
    const keyId = 'keyId' in request.as ? request.as.keyId : null;
    recording.note({ kind: 'asked', asking, stream, commandId, commandType, keyId, head: log.events.length });
    try {
      const outcome = await this.#send(request);
      recording.note({ kind: 'answered', asking, stream, commandId, outcome });
      return outcome;
    } catch (failure) {
      const code = failure instanceof Failure ? failure.code : String(failure);
      recording.note({ kind: 'unanswered', asking, commandId, code });
      return undefined;
    }
  }

  #send(request: ClientRequest): Promise<CommandOutcome> {
    const { world } = this.process;
    const { random } = world;
    const slot = random.oneOf(this.cluster.slots.filter(({ kind }) => kind === 'gateway'));
    const there = travelMs(random, world.faults);
    return new Promise((resolve, reject) => {
      const cancel = this.process.timers.after(patienceMs, () => {
        reject(new Failure('client_gave_up', 'no answer', true));
      });
      const back = (settle: () => void) => {
        this.process.reach(travelMs(random, world.faults), () => {
          cancel();
          settle();
        });
      };
      const { process, gateway } = slot;
      if (process === null || gateway === null) {
        back(() => {
          reject(new Failure('connection_refused', 'nobody listens', true));
        });
        return;
      }
      process.reach(there, () => {
        gateway.handle(request).then(
          (outcome) => {
            back(() => {
              resolve(outcome);
            });
          },
          (failure: unknown) => {
            back(() => {
              reject(failure instanceof Error ? failure : new Error(String(failure)));
            });
          },
        );
      });
    });
  }
}

function remember<Item>(items: Item[], item: Item): void {
  items.push(item);
  if (items.length > rememberedMax) items.shift();
}
