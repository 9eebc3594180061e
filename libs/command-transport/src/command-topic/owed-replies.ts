import type { ConsumedOffsets, EventStore, RecordedOutcome } from '@ringfence/ports/log/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import type { Lane } from '@ringfence/kernel/lane';
import { nextTurn, pause, type Timers } from '@ringfence/kernel/timers';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { laneFailures } from '@ringfence/lanes/lane-failures';
import { recalled } from '@ringfence/lanes/outcome-codec';
import type { MessageOffset } from '@ringfence/lanes/owned-lanes';
import { isInternalCommand } from '../envelope/internal-command-type.js';
import type { WireCommandEnvelope } from '../envelope/wire-command-envelope.js';
import type { CommandReading, ClassifiedAs, RawMessage } from './command-reading.js';
import { replyGraceMs } from './remote-dispatcher.js';
import type { Reply } from './reply-event.js';

/** Delay before replies are sent again, in which a living owner sends them itself. */
const resendAfterMs = 500;
/** Age of a command beyond which no requester waits for a reply, so that it is not read. */
const awaitedWithinMs = 30_000;
/** Commands read in one go: the lane's new commands are decided in between. */
const readTogetherMax = 16;

type OwedRepliesParts = {
  readonly reading: Pick<CommandReading, 'read'>;
  readonly store: Pick<EventStore, 'findOutcomes'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly send: (command: WireCommandEnvelope, reply: Reply) => void;
  readonly onRetryableError: (cause: unknown) => void;
};

/**
 * Sends again the replies that the last owner of a lane committed but may not have sent, because it died in between;
 * their requesters would wait in vain until their deadline. Only for gateways, which ignore a repeated reply.
 */
export class OwedReplies {
  /** The consumed offsets of each lane when it became ours. */
  readonly #inherited = new Map<Lane, ConsumedOffsets>();
  readonly #resending = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(private readonly parts: OwedRepliesParts) {}

  inherit(consumed: ReadonlyMap<Lane, ConsumedOffsets | null>): void {
    for (const [lane, offsets] of consumed)
      if (offsets === null) this.#inherited.delete(lane);
      else this.#inherited.set(lane, offsets);
  }

  forget(lanes: readonly Lane[]): void {
    for (const lane of lanes) this.#inherited.delete(lane);
  }

  /** Selects the messages that may still need a reply, which is sent later. */
  look(come: readonly RawMessage[]): void {
    const owed = come.filter(
      ({ message, place }) => this.#isInherited(place) && isInternal(message) && this.#isYoung(message),
    );
    if (owed.length === 0) return;
    const resending = this.#resend(owed)
      .catch(this.parts.onRetryableError)
      .finally(() => this.#resending.delete(resending));
    this.#resending.add(resending);
  }

  /** Stops replying. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#resending);
  }

  #isInherited({ lane, offset }: MessageOffset): boolean {
    const done = this.#inherited.get(lane);
    return done !== undefined && (offset < done.next || done.above.includes(offset));
  }

  #isYoung({ headers }: BusMessage): boolean {
    const askedAtMs = Date.parse(headers['ce_time'] ?? '');
    return this.parts.clock.now() - askedAtMs <= awaitedWithinMs;
  }

  async #resend(owed: readonly RawMessage[]): Promise<void> {
    const { timers } = this.parts;
    await pause(timers, resendAfterMs, this.#ending.signal);
    // The last ones are the likeliest to wait still.
    for (let end = owed.length; end > 0 && !this.#ending.signal.aborted; end -= readTogetherMax) {
      await this.#answer(owed.slice(Math.max(0, end - readTogetherMax), end));
      await nextTurn(timers);
    }
  }

  async #answer(owed: readonly RawMessage[]): Promise<void> {
    const { reading, store, clock, send } = this.parts;
    const read = await Promise.all(owed.map((each) => reading.read(each)));
    const waiting = read
      .filter((each): each is ClassifiedAs<'carried'> => each.kind === 'carried')
      .map(({ command }) => command)
      .filter(({ deadlineMs }) => deadlineMs + replyGraceMs > clock.now());
    if (waiting.length === 0) return;
    // Every outcome that was replied is in the log, because the lane was taken after that.
    const outcomes = await store.findOutcomes(waiting.map(({ stream, commandId }) => ({ stream, commandId })));
    for (const command of waiting) send(command, replyTo(command, outcomes));
  }
}

function isInternal({ headers }: BusMessage): boolean {
  return isInternalCommand(headers['ce_type'] ?? '');
}

/**
 * Builds the reply, which counts as that of a retry, because it is unknown which request was the first with its id. A
 * command without a kept outcome can be retried.
 */
function replyTo({ stream, commandId, fingerprint }: WireCommandEnvelope, outcomes: readonly RecordedOutcome[]): Reply {
  const kept = outcomes.find((each) => each.stream === stream && each.commandId === commandId);
  if (kept === undefined || Buffer.compare(kept.fingerprint, fingerprint) !== 0)
    return { failure: laneFailures.lane_unavailable('another process decides now') };
  return { outcome: recalled(kept, true) };
}
