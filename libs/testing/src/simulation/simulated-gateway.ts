import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRegistryFeed } from '@ringfence/auth/key-registry-feed';
import type { SecretHasher } from '@ringfence/auth/secret-hasher';
import { TopicEventSource } from '@ringfence/event-feed/relay/topic-event-source';
import { RemoteDispatcher } from '@ringfence/command-transport/command-topic/remote-dispatcher';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import type { CommandOutcome, CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { EventSource } from '@ringfence/projections/event-source';
import type { Principal } from '@ringfence/domain/shared/values';
import type { CommandId, IdSource, KeyId, StreamId } from '@ringfence/kernel/ids';
import { Failure } from '@ringfence/kernel/failure';
import type { JsonObject } from '@ringfence/kernel/json';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { type ProcessParts, describeCause } from './process-parts.js';

const deadlineMs = durationMs(3_000);

/** A request of a client. */
export type ClientRequest = {
  readonly stream: StreamId;
  /** null: the client lets the gateway name the command. */
  readonly commandId: CommandId | null;
  readonly fingerprint: Uint8Array;
  /** A key's secret, or a principal that is admitted without one. */
  readonly as: { readonly keyId: KeyId; readonly secret: string } | Principal;
  /** Builds the payload; ids of created things are made by the gateway, new ones for each request. */
  readonly build: (ids: IdSource) => { readonly payload: CommandPayload; readonly result: JsonObject };
};

/**
 * The gateway of a simulated cluster: it checks the key against its registry and dispatches the command to the lane.
 */
export class SimulatedGateway {
  private constructor(
    private readonly parts: ProcessParts,
    private readonly registry: KeyRegistry,
    private readonly dispatcher: RemoteDispatcher,
  ) {}

  /** @throws what the bus threw: then it has to be restarted */
  static async start(parts: ProcessParts, hasher: SecretHasher, follows: 'topic' | 'log'): Promise<SimulatedGateway> {
    const { process, store, bus, topics, log, clusterMac, recording } = parts;
    const { clock, timers, name } = process;
    const onRetryableError = (cause: unknown) => {
      recording.note({ kind: 'error', process: name, what: describeCause(cause) });
    };
    const { laneCount } = log;
    const dispatcher = await RemoteDispatcher.start({
      bus,
      topics,
      laneCount,
      clusterMac,
      clock,
      timers,
      instance: name,
      onRetryableError,
    });
    const registry = new KeyRegistry(hasher, () => store.head(), timers);
    // Never stopped: a simulated process is killed.
    const { signal } = process.world.ending;
    const source = sourceOf(parts, follows, signal);
    const onFailure = (failure: unknown) => {
      recording.note({ kind: kindOf(failure), process: name, what: `registry: ${describeCause(failure)}` });
    };
    void new KeyRegistryFeed(registry, source, clock, onFailure, timers).run(signal);
    return new SimulatedGateway(parts, registry, dispatcher);
  }

  /** Position of the first event that its registry has not seen. */
  get seen(): number {
    return this.registry.nextPosition;
  }

  /** @throws Failure `door_shut`, and what a dispatch throws */
  async handle({ stream, commandId, fingerprint, as, build }: ClientRequest): Promise<CommandOutcome> {
    const { ids, process } = this.parts;
    const principal = 'kind' in as ? as : await this.#admit(as.secret);
    const { payload, result } = build(ids);
    return this.dispatcher.dispatch({
      commandId: commandId ?? ids.commandId(),
      idChosenByClient: commandId !== null,
      fingerprint,
      stream,
      principal,
      payload,
      result,
      deadlineMs: addDuration(process.clock.now(), deadlineMs),
      traceparent: null,
    });
  }

  async #admit(secret: string): Promise<Principal> {
    const { process, recording } = this.parts;
    const found = await this.registry.authenticate(secret, { nowMs: process.clock.now(), sourceIp: '192.0.2.1' });
    const [gateway, seen] = [process.name, this.registry.nextPosition];
    if (found.ok) {
      const { keyId } = found.entry;
      recording.note({ kind: 'admitted', gateway, keyId, seen });
      return { kind: 'key', keyId, home: 'account' };
    }
    recording.note({ kind: 'rejected', gateway, code: found.code, seen });
    throw new Failure('door_shut', found.code, true);
  }
}

function kindOf(failure: unknown): 'error' | 'gap' | 'broken' {
  if (!(failure instanceof Failure)) return 'broken';
  if (failure.code === 'feed_gap') return 'gap';
  return failure.retryable ? 'error' : 'broken';
}

/** Chooses the source: the topic, as in a process that is only a gateway, or the log, as in one that also decides. */
function sourceOf(parts: ProcessParts, follows: 'topic' | 'log', signal: AbortSignal): EventSource {
  const { process, store, bus, topics, log, recording } = parts;
  const { clock, timers, name } = process;
  const onRetryableError = (cause: unknown) => {
    recording.note({ kind: 'error', process: name, what: describeCause(cause) });
  };
  const feed = new EventFeed(store, clock, onRetryableError, timers);
  if (follows === 'log') {
    void feed.run(signal);
    return feed;
  }
  return new TopicEventSource({
    bus,
    topic: topics.events,
    watermarks: topics.watermarks,
    partitions: log.laneCount,
    logId: log.logId,
    log: feed,
    clock,
    timers,
    onRetryableError,
    onReading: (from) => {
      recording.note({ kind: 'follows', process: name, from });
    },
  });
}
