import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '@ringfence/kernel/failure';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import { listenerReplyMsMax } from '@ringfence/wire/flows/listener-url';
import type { StreamedEvent } from '../server/event-stream.js';
import { isAnswer, type JsonAnswer, objectIn, textAt, textOr } from '../server/json-reading.js';
import type { PlatformApi } from '../server/platform-api.js';
import type { Terminal } from '../terminal/terminal.js';
import { AttemptLog, type Remembered } from './attempt-log.js';
import { type Forwarded, forwardOnce } from './forwarding.js';

const listenerLimits = {
  /** Requests of webhooks, and of flows, that are under way at once. */
  atOnceMax: 16,
  /** Webhooks that wait for those before them; further ones are left out, and said so. */
  waitingMax: 1_000,
  webhookMsMax: 15_000,
  /** Time for all attempts of a flow request, which leaves some for the way to the platform. */
  flowMsMax: listenerReplyMsMax - 1_500,
} as const;
/** Pauses before the second and the third attempt of a flow request, as the platform makes them. */
const flowRetryMs = [500, 1_500] as const;

type Targets = { readonly webhooks: string; readonly flows: string; readonly secret: string };

/** Passes what a listener is sent to the person's own targets, and replies of flows back. */
export class Listener {
  readonly log: AttemptLog;
  /** Webhooks by call, the one under way first. */
  readonly #calls = new Map<string, Remembered[]>();
  #waiting = 0;
  #underWay = 0;
  #flows = 0;

  constructor(
    private readonly targets: Targets,
    private readonly api: PlatformApi,
    private readonly terminal: Terminal,
  ) {
    this.log = new AttemptLog(terminal);
  }

  /** Takes an event of the stream, and returns at once. */
  take({ type, data }: StreamedEvent): void {
    const body: unknown = JSON.parse(data);
    if (!isAnswer(body)) return;
    switch (type) {
      case 'webhook':
        this.#takeWebhook(body);
        break;
      case 'flow_request':
        void this.#takeFlowRequest(body);
        break;
      case 'stream.closed':
        this.terminal.note(`the server has ended the stream: ${textOr(body, 'reason', '-')}`);
    }
  }

  /** Sends a webhook again, under the same id. @param number null: the latest */
  async resend(number: number | null): Promise<void> {
    const message = this.log.find(number);
    if (message === undefined) this.terminal.note('there is no such webhook; `table` shows those that are remembered');
    else if (message.isFlow) this.terminal.note('a flow request is answered once; place another call');
    else this.log.note(message, await this.#send(message));
  }

  #takeWebhook(body: JsonAnswer): void {
    const message = { id: textAt(body, 'id'), callId: textAt(body, 'call_id'), what: textAt(body, 'type') };
    if (this.#waiting >= listenerLimits.waitingMax) {
      this.terminal.note(`left out, too many wait for the target: ${message.what} of ${message.callId}`);
      return;
    }
    this.#waiting += 1;
    const remembered = this.log.add({ ...message, body: textAt(body, 'body'), isFlow: false });
    getOrInsert(this.#calls, message.callId, () => []).push(remembered);
    this.#pump();
  }

  /** Sends what may be sent: the webhooks of a call one after the other, those of several calls at once. */
  #pump(): void {
    for (const [callId, messages] of this.#calls) {
      if (this.#underWay >= listenerLimits.atOnceMax) return;
      const [message] = messages;
      if (message === undefined || message.attempts.length > 0 || this.#sending.has(callId)) continue;
      this.#sending.add(callId);
      this.#underWay += 1;
      void this.#send(message).then((forwarded) => {
        this.log.note(message, forwarded);
        this.#sending.delete(callId);
        this.#underWay -= 1;
        this.#waiting -= 1;
        messages.shift();
        if (messages.length === 0) this.#calls.delete(callId);
        this.#pump();
      });
    }
  }

  readonly #sending = new Set<string>();

  #send({ id, body }: Remembered): Promise<Forwarded> {
    const { webhooks: target, secret } = this.targets;
    return forwardOnce({ target, id, body, secret, withinMs: listenerLimits.webhookMsMax, wantsAnswer: false });
  }

  async #takeFlowRequest(body: JsonAnswer): Promise<void> {
    const [callId, step] = [textAt(body, 'call_id'), Number(body['step'])];
    const what = `flow step ${String(step)}`;
    const message = { id: textAt(body, 'id'), callId, what, body: textAt(body, 'body'), isFlow: true };
    const remembered = this.log.add(message);
    if (this.#flows >= listenerLimits.atOnceMax) {
      this.terminal.note(`not requested, too many flow requests are under way: ${what} of ${callId}`);
      await this.#reply({ call_id: callId, step, error: 'connection_failed' });
      return;
    }
    this.#flows += 1;
    const forwarded = await this.#requestFlow(remembered, textAt(body, 'url'));
    const { status, error, body: text } = forwarded;
    const answer = status === null ? { error } : { status, body: text };
    this.log.note(remembered, forwarded, await this.#reply({ call_id: callId, step, ...answer }));
    this.#flows -= 1;
  }

  /** The last of at most three attempts; those before it are noted. */
  async #requestFlow(message: Remembered, url: string): Promise<Forwarded> {
    const { flows: target, secret } = this.targets;
    const { id, body } = message;
    const endsMs = performance.now() + listenerLimits.flowMsMax;
    for (let attempt = 0; ; attempt += 1) {
      const withinMs = Math.max(1, Math.floor(endsMs - performance.now()));
      const headers = { accept: 'application/json', 'ringfence-flow-url': url };
      const forwarded = await forwardOnce({ target, id, body, secret, withinMs, wantsAnswer: true, headers });
      const waitMs = flowRetryMs[attempt];
      const isTransient = forwarded.error === 'connection_failed' || (forwarded.status ?? 0) >= 500;
      if (!isTransient || waitMs === undefined || performance.now() + waitMs >= endsMs) return forwarded;
      this.log.note(message, forwarded, 'requested again');
      await pause(waitMs);
    }
  }

  /** Hands a reply to the platform. @returns what it made of the reply, for a person */
  async #reply(body: object): Promise<string> {
    try {
      const answer = objectIn(await this.api.client.get('/listener/flow-replies', { method: 'POST', body }), 'reply');
      const { fault } = answer;
      if (!isAnswer(fault)) return textOr(answer, 'action', '-');
      const [pointer, expected] = [textOr(fault, 'pointer', ''), textOr(fault, 'expected', '')];
      return [textOr(fault, 'code', '-'), pointer, expected].filter((word) => word !== '').join(' ');
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      return `${failure.message} (${failure.code})`;
    }
  }
}
