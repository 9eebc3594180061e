import { EventSource } from 'eventsource';
import { faultOf } from '@ringfence/domain/flows/flow-fault';
import type { CallSignal } from '@ringfence/domain/calls/call.commands';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type CallId, parseCallId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { durationMs } from '@ringfence/kernel/units';
import type { IssuedKey, RouteWorld } from '../route-world.contract.js';
import { callEventNames } from '@ringfence/wire/calls/call-event-body';

type Received = { readonly id: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> };

/** A stock client of server-sent events, and what it has received. */
export class FollowedEvents {
  readonly received: Received[] = [];
  /** The statuses that it was answered. */
  readonly statuses: number[] = [];
  readonly #source: EventSource;
  #wake: () => void = () => undefined;

  /** @param path below `/api/v1/`; @param after the `Last-Event-ID` of the first request */
  constructor(world: RouteWorld, path: string, key: string, after?: string) {
    this.#source = new EventSource(`${world.url}/api/v1/${path}`, {
      fetch: async (url, init) => {
        await world.behind.catchUp();
        const headers = { ...(after === undefined ? {} : { 'Last-Event-ID': after }), ...init.headers };
        const answer = await fetch(url, { ...init, headers: { ...headers, 'x-api-key': key } });
        this.statuses.push(answer.status);
        this.#wake();
        return answer;
      },
    });
    for (const type of [...callEventNames, 'webhook', 'flow_request', 'stream.closed'])
      this.#source.addEventListener(type, ({ lastEventId: id, data }) => {
        this.received.push({ id, type, data: JSON.parse(String(data)) as Received['data'] });
        this.#wake();
      });
    this.#source.addEventListener('error', () => {
      this.#wake();
    });
  }

  get types(): readonly string[] {
    return this.received.map(({ type }) => type);
  }

  /** True once the client will not connect again. */
  get isOver(): boolean {
    return this.#source.readyState === this.#source.CLOSED;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  /** Settles when the server has ended the stream with this reason. */
  ended(reason: string): Promise<void> {
    return this.until(() => {
      const last = this.received.at(-1);
      return last?.type === 'stream.closed' && last.data['reason'] === reason;
    });
  }

  close(): void {
    this.#source.close();
  }
}

/** A call whose life a spec decides. */
export async function callOf(world: RouteWorld, key: IssuedKey, fields: object = {}) {
  const callId = parseCallId(await world.call(key, fields));
  invariant(callId !== undefined, 'a call has an id');
  const { accountId, attemptId } = await placedOf(world, callId);
  const signal = (reported: CallSignal) =>
    world.behind.dispatch({ type: 'RecordCallProgress', accountId, callId, attemptId, signal: reported });
  return {
    callId,
    ring: () => signal({ kind: 'ringing' }),
    answer: () => signal({ kind: 'answered' }),
    replyWrongly: () => {
      const fault = faultOf('member_invalid', { action: 'stream', pointer: '/chunk_size' });
      const reply = { kind: 'failed', fault } as const;
      return world.behind.dispatch({ type: 'RecordFlowReply', accountId, callId, step: 1, reply });
    },
    end: () => signal({ kind: 'ended', cause: 'callee_hangup', endedBy: 'callee', talkTimeMs: durationMs(1_000) }),
  };
}

async function placedOf(world: RouteWorld, callId: CallId): Promise<CallPlaced> {
  const [first] = await world.behind.store.readSubject(callId, 1);
  const placed = first === undefined ? undefined : decodeRecorded(first).data;
  invariant(placed?.type === 'CallPlaced', 'its first event says that it was placed');
  return placed;
}
