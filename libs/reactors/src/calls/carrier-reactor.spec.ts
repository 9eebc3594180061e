import { afterEach, describe, expect, it } from '@jest/globals';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { Timers } from '@ringfence/kernel/timers';
import { durationMs, type Position, position } from '@ringfence/kernel/units';
import type { AccountId } from '@ringfence/kernel/ids';
import type {
  AnswerOrder,
  Carrier,
  CarrierSignal,
  DialOrder,
  DigitsOrder,
  GatherOrder,
  IncomingCall,
  PauseOrder,
  PlaybackOrder,
  PlayOrder,
  RejectCause,
  SayOrder,
  StreamOrder,
} from '@ringfence/ports/carrier/carrier';
import type { RingOrder, SimulatedCallers } from '@ringfence/ports/carrier/simulated-callers';
import { exampleEvents } from '@ringfence/testing/example-events';
import { ExampleLog } from '@ringfence/testing/example-log';
import { exampleAccountId } from '@ringfence/testing/examples';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import { carrierFailures } from '@ringfence/ports/carrier/carrier-failures';
import { PressedDigits } from '../flows/pressed-digits.js';
import { carrierAnswerMsMax } from './answering-carrier.js';
import { orderAgeMsMax, orderPatienceMs } from './carrier-orders.js';
import { CarrierReactor, dialEveryMs } from './carrier-reactor.js';

const telerStream = { protocol: 'teler', name: null, parameters: [], next: null } as const;

/** Records its orders, in one story with the checkpoints. */
class RecordingCarrier implements Carrier, SimulatedCallers {
  readonly workerId = 'wrk_spec';
  readonly orders: DialOrder[] = [];
  listener: (signal: CarrierSignal) => void = () => undefined;
  incoming: (call: IncomingCall) => void = () => undefined;

  /** Fates of its next answers, the first one first. Default: they come. */
  readonly answers: ('comes' | 'fails' | 'never comes')[] = [];

  constructor(private readonly trail: string[]) {}

  async place(order: DialOrder): Promise<void> {
    await this.#answer();
    this.orders.push(order);
    this.trail.push('dial');
  }
  async hangUp(_callId: DialOrder['callId'], cause: string): Promise<void> {
    await this.#answer();
    this.trail.push(`hang up: ${cause}`);
  }
  async answer({ callId }: AnswerOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`answer ${callId}`);
  }
  async reject(_attemptId: DialOrder['attemptId'], cause: RejectCause): Promise<void> {
    await this.#answer();
    this.trail.push(`reject: ${cause}`);
  }
  async ring({ from, to }: RingOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`ring ${to} from ${from}`);
  }
  onIncoming(listener: (call: IncomingCall) => void): void {
    this.incoming = listener;
  }
  async extend(): Promise<void> {
    await this.#answer();
    this.trail.push('extend');
  }
  async play({ step, mediaUrl }: PlayOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`play ${String(step)}: ${mediaUrl}`);
  }
  async say({ step, text }: SayOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`say ${String(step)}: ${text}`);
  }
  async pause({ step, lengthMs }: PauseOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`pause ${String(step)}: ${String(lengthMs)}`);
  }
  async gather({ step, prompts }: GatherOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`gather ${String(step)}: ${JSON.stringify(prompts)}`);
  }
  async stream({ step, wsUrl }: StreamOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`stream ${String(step)}: ${wsUrl}`);
  }
  async stop(_callId: DialOrder['callId'], step: number): Promise<void> {
    await this.#answer();
    this.trail.push(`stop ${String(step)}`);
  }
  async mute(_callId: DialOrder['callId'], _legId: DialOrder['legId'], muted: boolean): Promise<void> {
    await this.#answer();
    this.trail.push(muted ? 'mute' : 'unmute');
  }
  async sendDigits({ digits, toneMs }: DigitsOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`digits ${digits} of ${String(toneMs)} ms`);
  }
  async startPlayback({ mediaUrl, timesPlayed, onDigit }: PlaybackOrder): Promise<void> {
    await this.#answer();
    this.trail.push(`playback: ${mediaUrl} × ${String(timesPlayed)}, ${onDigit}`);
  }
  async knows(attemptIds: readonly DialOrder['attemptId'][]): Promise<ReadonlySet<DialOrder['attemptId']>> {
    await this.#answer();
    const alive = new Set(this.orders.map(({ attemptId }) => attemptId));
    return new Set(attemptIds.filter((attemptId) => alive.has(attemptId)));
  }
  onSignal(listener: (signal: CarrierSignal) => void): void {
    this.listener = listener;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }

  async #answer(): Promise<void> {
    const answer = this.answers.shift() ?? 'comes';
    if (answer === 'fails') throw carrierFailures.carrier_unavailable('the socket is closed');
    if (answer === 'never comes') await new Promise<void>(() => undefined);
  }
}

/** One platform's durable things; processes come and go over them. */
class World {
  readonly log = new ExampleLog();
  readonly clock = this.log.clock;
  readonly vault = new InMemorySubjectVault(this.log.ids);
  readonly trail: string[] = [];
  owner: AccountId | undefined;
  readonly commands: SubmittedCommand[] = [];
  saved: Position = position(0);
  live: readonly CallPlaced[] = [];
  #onNews = (): void => undefined;

  readonly checkpoints: ReactorCheckpoints = {
    take: () =>
      Promise.resolve({
        next: this.saved,
        save: (next) => {
          this.saved = next;
          this.trail.push('checkpoint');
          return Promise.resolve();
        },
      }),
    close: () => Promise.resolve(),
  };

  readonly digits = new PressedDigits();

  async start(
    carrier: RecordingCarrier = new RecordingCarrier(this.trail),
    timers: Timers = systemTimers,
  ): Promise<CarrierReactor> {
    const { vault, clock, checkpoints } = this;
    const { store, ids } = this.log;
    const reactor = await CarrierReactor.start({
      store,
      vault,
      clock,
      ids,
      checkpoints,
      onSignal: (signal) => {
        this.digits.noteOf(signal);
      },
      carrier,
      callers: carrier,
      owners: { ownerOf: () => Promise.resolve(this.owner) },
      onUnallocated: () => {
        this.trail.push('unallocated');
      },
      timers,
      owner: 'spec',
      host: {
        stopped: (_reactor, cause) => this.#broke(cause),
        onRetryableError: (_reactor, cause) => this.#broke(cause),
      },
      dispatcher: {
        dispatch: (command) => {
          this.commands.push(command);
          this.#onNews();
          return Promise.resolve({ accepted: true, position: position(0), result: {}, replayed: false });
        },
      },
      liveCalls: {
        placedBelow: (seen) =>
          Promise.resolve(
            this.live
              .map(({ accountId, callId, attemptId }) => ({
                accountId,
                callId,
                attemptId,
                placedPosition: position(0),
              }))
              .filter(({ placedPosition }) => placedPosition < seen),
          ),
      },
    });
    reactors.push(reactor);
    return reactor;
  }

  /** Puts an event into the account's stream, as its lane does. */
  append(event: DomainEvent): Promise<void> {
    return this.log.append(event, event.type === 'CallPlaced' ? event.attemptId : undefined);
  }

  async placed(): Promise<CallPlaced> {
    const [from, to] = await Promise.all([
      this.vault.seal(exampleAccountId, '+14155550100'),
      this.vault.seal(exampleAccountId, '+15005550003'),
    ]);
    return { ...exampleEvents.CallPlaced, from, to };
  }

  async until(happened: () => boolean): Promise<void> {
    while (!happened()) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The next command that the reactor sends. */
  command(): Promise<SubmittedCommand> {
    const [first] = this.commands;
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#onNews = () => {
        resolve(this.commands[0] ?? missing());
      };
    });
  }

  #broke(cause: unknown): void {
    this.trail.push(`broke: ${String(cause)}`);
  }
}

const reactors: CarrierReactor[] = [];

describe('the carrier reactor', () => {
  afterEach(async () => {
    for (const reactor of reactors.splice(0)) await reactor.stop();
  });

  it('dials the opened numbers, once its checkpoint is past the order', async () => {
    const world = new World();
    const carrier = new RecordingCarrier(world.trail);
    await world.start(carrier);
    const placed = await world.placed();
    await world.append(placed);
    await world.until(() => carrier.orders.length > 0);
    expect(world.trail).toEqual(['checkpoint', 'dial']);
    expect(carrier.orders).toEqual([
      expect.objectContaining({
        attemptId: placed.attemptId,
        from: '+14155550100',
        to: '+15005550003',
        trunk: 'sandbox',
      }),
    ]);
  });

  it('dials orders that come close together under one checkpoint', async () => {
    const world = new World();
    const carrier = new RecordingCarrier(world.trail);
    const timers = new FakeTimers();
    await world.start(carrier, timers);
    const placed = await world.placed();
    const { ids } = world.log;
    const another = (): CallPlaced => ({ ...placed, callId: ids.callId(), attemptId: ids.eventId() });
    await world.append(another());
    await world.until(() => carrier.orders.length > 0);
    await world.append(another());
    await timers.advance(dialEveryMs - 1);
    expect(carrier.orders).toHaveLength(1);
    await world.append(another());
    await timers.advance(1);
    await world.until(() => carrier.orders.length === 3);
    expect(world.trail).toEqual(['checkpoint', 'dial', 'checkpoint', 'dial', 'dial']);
  });

  it('never dials again after a restart, and ends what no worker knows', async () => {
    const world = new World();
    const before = new RecordingCarrier(world.trail);
    const first = await world.start(before);
    const placed = await world.placed();
    await world.append(placed);
    await world.until(() => before.orders.length > 0);
    await first.stop();
    world.live = [placed];
    const after = new RecordingCarrier(world.trail);
    await world.start(after);
    const { payload, principal } = await world.command();
    expect(payload).toMatchObject({
      type: 'RecordCallProgress',
      callId: placed.callId,
      attemptId: placed.attemptId,
      signal: { kind: 'ended', cause: 'carrier_unknown', talkTimeMs: 0 },
    });
    expect(principal).toMatchObject({ kind: 'worker' });
    expect(after.orders).toEqual([]);
  });

  describe('on what a flow replied', () => {
    const url = (world: World, text: string) => world.vault.seal(exampleAccountId, text);

    it('plays the opened file, streams to the opened socket, and stops what the flow left', async () => {
      const world = new World();
      await world.start();
      const { CallFlowReplied: replied, CallActionEnded: ended, CallActionStarted: started } = exampleEvents;
      const file = { kind: 'play', mediaUrl: await url(world, 'https://m.example/a'), timesPlayed: 2 } as const;
      const wsUrl = await url(world, 'wss://a.example/b');
      const stream = {
        kind: 'stream',
        wsUrl,
        sampleRate: '8k',
        chunkMs: durationMs(400),
        record: false,
        ...telerStream,
      } as const;
      await world.append({ ...replied, action: { ...file, next: null } });
      await world.append({ ...ended, outcome: 'completed' });
      await world.append({ ...started, step: 2, action: { ...file, next: null } });
      await world.append({ ...replied, step: 3, action: stream });
      await world.append({ ...ended, step: 3, outcome: 'stopped' });
      await world.append({ ...replied, step: 4, action: { kind: 'hangup' } });
      await world.append({ ...exampleEvents.CallHangUpRequested, reason: 'flow_hangup' });
      await world.until(() => world.trail.includes('hang up: cancelled'));
      expect(world.trail).toEqual([
        'play 1: https://m.example/a',
        'play 2: https://m.example/a',
        'stream 3: wss://a.example/b',
        'stop 3',
        'hang up: cancelled',
      ]);
    });

    it('reports the failure of an action whose URL was erased', async () => {
      const world = new World();
      const mediaUrl = await url(world, 'https://m.example/a');
      await world.vault.erase(exampleAccountId, mediaUrl.subjectId);
      await world.start();
      const action = { kind: 'play', mediaUrl, timesPlayed: 1, next: null } as const;
      await world.append({ ...exampleEvents.CallFlowReplied, action });
      expect((await world.command()).payload).toMatchObject({ type: 'RecordActionEnd', step: 1, outcome: 'failed' });
      expect(world.trail).toEqual([]);
    });

    it('speaks, pauses and gathers with the opened texts, one action after the other', async () => {
      const world = new World();
      await world.start();
      const { CallFlowReplied: replied, CallActionStarted: started } = exampleEvents;
      const [text, next] = [await url(world, 'Hello'), await url(world, 'https://a.example/digits')];
      const said = { kind: 'say', text, voice: null, language: null, timesSpoken: 1 } as const;
      const ofGather = { timeoutMs: durationMs(5_000), digitsMax: 4, finishOnKey: '#', bargeIn: true } as const;
      const request = { next: { url: next, method: 'POST' }, requestsWithoutInput: false } as const;
      const gather = { kind: 'gather', prompts: [said], ...ofGather, ...request } as const;
      const pause = { kind: 'pause', lengthMs: durationMs(2_000) } as const;
      await world.append({ ...replied, action: said, rest: [pause, gather] });
      await world.append({ ...started, step: 2, action: pause, actionsLeft: 1 });
      await world.append({ ...started, step: 3, action: gather, actionsLeft: 0 });
      await world.until(() => world.trail.length === 3);
      const prompt = { kind: 'say', text: 'Hello', voice: null, language: null, timesSpoken: 1 };
      expect(world.trail).toEqual(['say 1: Hello', 'pause 2: 2000', `gather 3: ${JSON.stringify([prompt])}`]);
    });

    it('keeps the digits of a gather in memory, and none in what it reports', async () => {
      const world = new World();
      const carrier = new RecordingCarrier(world.trail);
      await world.start(carrier);
      const { accountId, callId, attemptId } = exampleEvents.CallPlaced;
      const end = { kind: 'action_ended', step: 2, outcome: 'completed', audioMs: durationMs(5_000) } as const;
      carrier.listener({ accountId, callId, attemptId, signal: { ...end, digits: '4711' } });
      expect(JSON.stringify(await world.command())).not.toContain('4711');
      expect([world.digits.of(callId, 2), world.digits.of(callId, 3)]).toEqual(['4711', null]);
      const over = { kind: 'ended', cause: 'callee_hangup', endedBy: 'callee', talkTimeMs: durationMs(1) } as const;
      carrier.listener({ accountId, callId, attemptId, signal: over });
      expect(world.digits.of(callId, 2)).toBeNull();
    });

    it('records the end of an action as the worker reports it', async () => {
      const world = new World();
      const carrier = new RecordingCarrier(world.trail);
      await world.start(carrier);
      const { accountId, callId, attemptId } = exampleEvents.CallPlaced;
      const signal = { kind: 'action_ended', step: 2, outcome: 'completed', audioMs: durationMs(5_000) } as const;
      carrier.listener({ accountId, callId, attemptId, signal });
      const { payload } = await world.command();
      expect(payload).toEqual({
        type: 'RecordActionEnd',
        accountId,
        callId,
        step: 2,
        outcome: 'completed',
        audioMs: 5_000,
      });
    });
  });

  describe('on mutations of a live call', () => {
    const { CallMuteRequested: muted, CallDigitsRequested: digits, CallPlaybackRequested: played } = exampleEvents;

    it('mutes, and plays the opened file', async () => {
      const world = new World();
      await world.start();
      const mediaUrl = await world.vault.seal(exampleAccountId, 'https://m.example/notice');
      await world.append(muted);
      await world.append({ ...played, mediaUrl });
      await world.append({ ...muted, muted: false });
      await world.until(() => world.trail.includes('unmute'));
      expect(world.trail).toEqual(['mute', 'playback: https://m.example/notice × 2, stop', 'unmute']);
    });

    it('sends digits once, also when the order is read again by a successor', async () => {
      const world = new World();
      await world.vault.deposit(digits.operationId, '12#');
      const first = await world.start();
      await world.append(digits);
      await world.until(() => world.trail.length > 0);
      await first.stop();
      await world.start();
      await world.append(muted);
      await world.until(() => world.trail.includes('mute'));
      expect(world.trail).toEqual(['digits 12# of 100 ms', 'mute']);
    });

    it('reports the failure of a playback whose URL was erased', async () => {
      const world = new World();
      const mediaUrl = await world.vault.seal(exampleAccountId, 'https://m.example/notice');
      await world.vault.erase(exampleAccountId, mediaUrl.subjectId);
      await world.start();
      await world.append({ ...played, mediaUrl });
      const { operationId } = played;
      expect((await world.command()).payload).toMatchObject({
        type: 'RecordPlaybackEnd',
        operationId,
        outcome: 'failed',
      });
      expect(world.trail).toEqual([]);
    });
  });

  it('does not dial an order that has waited too long', async () => {
    const world = new World();
    await world.append(await world.placed());
    world.clock.advance(orderAgeMsMax + 1);
    const carrier = new RecordingCarrier(world.trail);
    await world.start(carrier);
    expect((await world.command()).payload).toMatchObject({ signal: { cause: 'carrier_unknown' } });
    expect(carrier.orders).toEqual([]);
  });

  it('does not dial a number that was erased', async () => {
    const world = new World();
    const placed = await world.placed();
    await world.vault.erase(placed.accountId, placed.to.subjectId);
    const carrier = new RecordingCarrier(world.trail);
    await world.start(carrier);
    await world.append(placed);
    expect((await world.command()).payload).toMatchObject({ signal: { kind: 'ended', cause: 'carrier_failure' } });
    expect(carrier.orders).toEqual([]);
  });

  it('hangs up and extends as the log says, and submits what the worker saw', async () => {
    const world = new World();
    const carrier = new RecordingCarrier(world.trail);
    await world.start(carrier);
    const placed = await world.placed();
    await world.append(placed);
    await world.append({ ...exampleEvents.CallExtended, callId: placed.callId });
    await world.append({ ...exampleEvents.CallHangUpRequested, callId: placed.callId, reason: 'key_revoked' });
    await world.until(() => world.trail.includes('hang up: key_revoked'));
    expect(world.trail.filter((line) => line !== 'checkpoint')).toEqual(['dial', 'extend', 'hang up: key_revoked']);
    const { accountId, callId, attemptId } = placed;
    carrier.listener({ accountId, callId, attemptId, signal: { kind: 'ringing' } });
    expect((await world.command()).payload).toMatchObject({
      type: 'RecordCallProgress',
      callId,
      signal: { kind: 'ringing' },
    });
  });
});

describe('a worker that does not answer', () => {
  const started = async () => {
    const world = new World();
    const carrier = new RecordingCarrier(world.trail);
    const timers = new FakeTimers();
    await world.start(carrier, timers);
    await settled();
    return { world, carrier, timers };
  };

  it('is given the same order again, and the call is dialled once it answers', async () => {
    const { world, carrier, timers } = await started();
    carrier.answers.push('fails', 'never comes');
    await world.append(await world.placed());
    await settled();
    await timers.advance(carrierAnswerMsMax + 1_000);
    await settled();
    expect(carrier.orders).toHaveLength(1);
    expect(world.trail).toEqual([
      'checkpoint',
      expect.stringContaining('the carrier has not answered'),
      expect.stringContaining('the carrier has not answered'),
      'dial',
    ]);
    expect(world.commands).toEqual([]);
  });

  it('keeps a call waiting for a bounded time, and the call ends as unknown', async () => {
    const { world, carrier, timers } = await started();
    const placed = await world.placed();
    carrier.answers.push(...Array.from({ length: 100 }, () => 'never comes' as const));
    await world.append(placed);
    await settled();
    for (let ms = 0; ms < orderPatienceMs + carrierAnswerMsMax; ms += 250) {
      await timers.advance(250);
      await settled();
    }
    expect(carrier.orders).toEqual([]);
    expect((await world.command()).payload).toMatchObject({
      callId: placed.callId,
      signal: { kind: 'ended', cause: 'carrier_unknown' },
    });
  });

  it('keeps the orders of one call in their order, and those of other calls waiting for none of them', async () => {
    const { world, carrier, timers } = await started();
    const placed = await world.placed();
    const { ids } = world.log;
    const other = { ...placed, callId: ids.callId(), attemptId: ids.eventId() };
    carrier.answers.push('never comes');
    await world.append(placed);
    await world.append({ ...exampleEvents.CallHangUpRequested, callId: placed.callId, reason: 'requested' });
    await world.append(other);
    await settled();
    const trail = () => world.trail.filter((line) => line !== 'checkpoint' && !line.startsWith('broke'));
    for (let ms = 0; ms < carrierAnswerMsMax + 1_000; ms += 250) {
      await timers.advance(250);
      await settled();
    }
    expect(carrier.orders.map(({ callId }) => callId).sort()).toEqual([placed.callId, other.callId].sort());
    expect(trail().indexOf('hang up: caller_hangup')).toBeGreaterThan(0);
    expect(trail().filter((line) => line === 'dial')).toHaveLength(2);
  });

  it('does not end a call that it may have alive, while it cannot be asked after a restart', async () => {
    const world = new World();
    world.live = [await world.placed()];
    world.saved = position(1);
    const carrier = new RecordingCarrier(world.trail);
    carrier.answers.push('fails', 'fails');
    const timers = new FakeTimers();
    await world.start(carrier, timers);
    await settled();
    await timers.advance(250);
    await settled();
    expect(world.commands).toEqual([]);
    await timers.advance(250);
    expect((await world.command()).payload).toMatchObject({ signal: { cause: 'carrier_unknown' } });
  });
});

/** Lets everything happen that waits for no timer. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function missing(): never {
  throw new Error('there is no such command');
}
