import { afterEach, describe, expect, it } from '@jest/globals';
import type { CommandOutcome, CommandPayloadOf, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { CallFlowRequested } from '@ringfence/domain/calls/call-flow.events';
import { replyMsMax } from '@ringfence/domain/flows/flow-machine';
import type { RefusalCode } from '@ringfence/domain/refusals';
import { asSecret } from '@ringfence/domain/shared/values';
import { position, type Position } from '@ringfence/kernel/units';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { OutboundAnswer, OutboundClient, OutboundRequest } from '@ringfence/ports/outbound/outbound-client';
import { outboundFailures } from '@ringfence/ports/outbound/outbound-failures';
import { exampleEvents } from '@ringfence/testing/example-events';
import { ExampleLog } from '@ringfence/testing/example-log';
import { exampleAccountId } from '@ringfence/testing/examples';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { Webhook } from 'standardwebhooks';
import { FlowReactor } from './flow-reactor.js';
import { requestsPerAccountMax } from './request-queue.js';

type Answer = () => Promise<OutboundAnswer>;
const answers = (body: unknown, status = 200): Answer => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return () => Promise.resolve({ status, contentType: 'application/json', body: Buffer.from(text) });
};
const hangup = answers({ action: 'hangup' });
const fails = (code: keyof typeof outboundFailures): Answer => {
  const make: (argument: never) => Error = outboundFailures[code];
  return () => Promise.reject(make(undefined as never));
};
const neverComes: Answer = () => new Promise(() => undefined);

/** One platform's durable things; processes come and go over them. */
class World {
  readonly log = new ExampleLog();
  readonly timers = new FakeTimers(this.log.clock);
  readonly vault = new InMemorySubjectVault(this.log.ids);
  readonly requests: OutboundRequest[] = [];
  readonly commands: SubmittedCommand[] = [];
  readonly failures: string[] = [];
  /** Answers of the application and of the lane, the first one first; the last one stays. */
  answers: Answer[] = [hangup];
  refusals: (RefusalCode | null)[] = [null];
  saved: Position = position(0);

  readonly checkpoints: ReactorCheckpoints = {
    take: () =>
      Promise.resolve({
        next: this.saved,
        save: (next) => {
          this.saved = next;
          return Promise.resolve();
        },
      }),
    close: () => Promise.resolve(),
  };
  readonly outbound: OutboundClient = {
    post: (request) => {
      this.requests.push(request);
      return (this.answers.length > 1 ? this.answers.shift() : this.answers[0])?.() ?? neverComes();
    },
    close: () => Promise.resolve(),
  };

  async start(): Promise<FlowReactor> {
    const { vault, checkpoints, outbound, timers, log } = this;
    const reactor = await FlowReactor.start({
      store: log.store,
      ids: log.ids,
      clock: log.clock,
      checkpoints,
      vault,
      outbound,
      timers,
      owner: 'spec',
      host: {
        stopped: (_reactor, cause) => this.failures.push(`stopped: ${String(cause)}`),
        onRetryableError: (_reactor, cause) => this.failures.push(String(cause)),
      },
      dispatcher: {
        dispatch: (command): Promise<CommandOutcome> => {
          this.commands.push(command);
          const code = (this.refusals.length > 1 ? this.refusals.shift() : this.refusals[0]) ?? null;
          const at = { position: position(0), replayed: false };
          return Promise.resolve(
            code === null
              ? { ...at, accepted: true, result: {} }
              : { ...at, accepted: false, refusal: { code, detail: '' } },
          );
        },
      },
    });
    reactors.push(reactor);
    return reactor;
  }

  async requested(change: Partial<CallFlowRequested> = {}): Promise<CallFlowRequested> {
    const [url, from, to] = await Promise.all([
      this.vault.seal(exampleAccountId, 'https://app.example/flow'),
      this.vault.seal(exampleAccountId, '+14155550100'),
      this.vault.seal(exampleAccountId, '+15005550000'),
    ]);
    const requestedAtMs = this.log.clock.now();
    return { ...exampleEvents.CallFlowRequested, url, from, to, requestedAtMs, ...change };
  }

  async request(change: Partial<CallFlowRequested> = {}): Promise<CallFlowRequested> {
    const event = await this.requested(change);
    await this.log.append(event);
    return event;
  }

  async until(happened: () => boolean): Promise<void> {
    while (!happened()) await new Promise((resolve) => setImmediate(resolve));
  }

  async reply(): Promise<CommandPayloadOf<'RecordFlowReply'>['reply']> {
    await this.until(() => this.commands.length > 0);
    const payload = this.commands[0]?.payload;
    if (payload?.type !== 'RecordFlowReply') throw new Error(`not a reply: ${String(payload?.type)}`);
    return payload.reply;
  }
}

const reactors: FlowReactor[] = [];

describe('the flow reactor', () => {
  afterEach(async () => {
    for (const reactor of reactors.splice(0)) await reactor.stop();
  });

  it('posts the call as the Teler API has it, under an id of its own', async () => {
    const world = new World();
    await world.start();
    const { callId, accountId, legId } = await world.request();
    await world.reply();
    const [request] = world.requests;
    expect(request).toMatchObject({ url: 'https://app.example/flow', mode: 'test', answerBytesMax: 65_536 });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': `${callId}_1`,
      'webhook-timestamp': String(Math.floor(world.log.clock.now() / 1_000)),
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      call_id: callId,
      account_id: accountId,
      call_app_id: null,
      leg_id: legId,
      from_number: '+14155550100',
      to_number: '+15005550000',
      direction: 'outbound',
      state: 'answered',
      step: 1,
      reason: 'answered',
      fallback: false,
    });
  });

  it('signs the request with every value that the call’s event names', async () => {
    const world = new World();
    const values = ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'];
    const sealed = await Promise.all(values.map((value) => world.vault.seal(exampleAccountId, value)));
    await world.start();
    await world.request({ signedWith: sealed.map(asSecret) });
    await world.reply();
    const [request] = world.requests;
    const headers = { ...request?.headers };
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const value of values) {
      const nowSeconds = Math.floor(world.log.clock.now() / 1_000);
      const [id, signature] = [headers['webhook-id'] ?? '', headers['webhook-signature'] ?? ''];
      const expected = new Webhook(value).sign(id, new Date(nowSeconds * 1_000), request?.body ?? '');
      expect(signature.split(' ')).toContain(expected);
    }
    expect(headers['X-Teler-Signature']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is not signed where nothing signs', async () => {
    const world = new World();
    await world.start();
    await world.request({ signedWith: [] });
    await world.reply();
    expect(Object.keys(world.requests[0]?.headers ?? {})).not.toContain('webhook-signature');
  });

  it('records the action with its texts sealed', async () => {
    const world = new World();
    world.answers = [answers({ action: 'stream', ws_url: 'wss://agent.example.com/media' })];
    await world.start();
    await world.request();
    const reply = await world.reply();
    expect(JSON.stringify(reply)).not.toContain('agent.example.com');
    if (reply.kind !== 'program' || reply.action.kind !== 'stream') throw new Error('not a stream');
    expect(await world.vault.open([reply.action.wsUrl])).toEqual(['wss://agent.example.com/media']);
    expect(world.commands[0]).toMatchObject({ stream: exampleAccountId, principal: { kind: 'worker' } });
  });

  it('says what is wrong with a reply, and where', async () => {
    const world = new World();
    world.answers = [answers({ action: 'stream', ws_url: 'https://agent.example.com' })];
    await world.start();
    await world.request();
    const fault = { code: 'member_invalid', action: 'stream', pointer: '/ws_url', httpStatus: null };
    expect(await world.reply()).toEqual({ kind: 'failed', fault });
    expect(world.requests).toHaveLength(1);
  });

  it.each([
    { answer: fails('outbound_connect_failed'), code: 'connection_failed', attempts: 3 },
    { answer: fails('outbound_name_unresolved'), code: 'connection_failed', attempts: 3 },
    { answer: fails('outbound_tls_failed'), code: 'connection_failed', attempts: 3 },
    { answer: fails('outbound_connection_lost'), code: 'connection_failed', attempts: 3 },
    { answer: fails('outbound_answer_invalid'), code: 'connection_failed', attempts: 3 },
    { answer: answers('', 500), code: 'status_not_successful', attempts: 3 },
    { answer: answers('', 503), code: 'status_not_successful', attempts: 3 },
    { answer: answers('', 404), code: 'status_not_successful', attempts: 1 },
    { answer: answers('', 302), code: 'status_not_successful', attempts: 1 },
    { answer: fails('outbound_timed_out'), code: 'request_timed_out', attempts: 1 },
    { answer: fails('outbound_answer_too_large'), code: 'reply_too_large', attempts: 1 },
    { answer: fails('outbound_address_forbidden'), code: 'address_not_allowed', attempts: 1 },
    { answer: fails('outbound_url_invalid'), code: 'address_not_allowed', attempts: 1 },
  ])('fails with $code after $attempts attempts, all under one id', async ({ answer, code, attempts }) => {
    const world = new World();
    world.answers = [answer];
    await world.start();
    await world.request();
    await world.until(() => world.requests.length > 0);
    await world.timers.advance(10_000);
    expect(await world.reply()).toMatchObject({ kind: 'failed', fault: { code } });
    expect(world.requests).toHaveLength(attempts);
    expect(new Set(world.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('takes the reply of a later attempt', async () => {
    const world = new World();
    world.answers = [answers('', 500), hangup];
    await world.start();
    await world.request();
    await world.until(() => world.requests.length > 0);
    await world.timers.advance(500);
    expect(await world.reply()).toEqual({ kind: 'program', action: { kind: 'hangup' }, rest: [] });
  });

  it('attempts no more once the call is over', async () => {
    const world = new World();
    world.answers = [answers('', 500)];
    await world.start();
    await world.request();
    await world.until(() => world.requests.length > 0);
    await world.log.append(exampleEvents.CallCompleted);
    await world.timers.advance(0);
    await world.timers.advance(60_000);
    expect(world.requests).toHaveLength(1);
    expect(world.commands).toEqual([]);
  });

  it('leaves a request to the listener that its URL names, and reports after 15 s that there is no reply', async () => {
    const world = new World();
    const url = await world.vault.seal(exampleAccountId, 'http://listener.invalid/flow');
    await world.start();
    const { callId } = await world.request({ url });
    await world.timers.advance(14_999);
    expect(world.commands).toEqual([]);
    await world.timers.advance(1);
    expect(await world.reply()).toMatchObject({ kind: 'failed', fault: { code: 'request_timed_out' } });
    expect(world.requests).toEqual([]);
    expect(world.commands[0]?.payload).toMatchObject({ callId, step: 1 });
  });

  it('waits no longer once a listener’s reply is recorded', async () => {
    const world = new World();
    const url = await world.vault.seal(exampleAccountId, 'http://listener.invalid/flow');
    await world.start();
    await world.request({ url });
    await world.timers.advance(1_000);
    await world.log.append(exampleEvents.CallFlowReplied);
    await world.timers.advance(60_000);
    expect(world.commands).toEqual([]);
  });

  it('requests the URL of a live call, whatever its host', async () => {
    const world = new World();
    world.answers = [fails('outbound_name_unresolved')];
    const url = await world.vault.seal(exampleAccountId, 'http://listener.invalid/flow');
    await world.start();
    await world.request({ url, mode: 'live' });
    await world.until(() => world.requests.length > 0);
  });

  it('reports that the URL was erased', async () => {
    const world = new World();
    const event = await world.requested();
    await world.vault.erase(exampleAccountId, event.url.subjectId);
    await world.start();
    await world.log.append(event);
    expect(await world.reply()).toMatchObject({ fault: { code: 'url_erased' } });
    expect(world.requests).toEqual([]);
  });

  it('sends a reply that was not decided again, without another request, until it is overdue', async () => {
    const world = new World();
    world.refusals = ['account_quarantined', 'overloaded', null];
    await world.start();
    await world.request();
    await world.until(() => world.commands.length > 0);
    await world.timers.advance(10_000);
    expect(world.commands).toHaveLength(3);
    expect(world.requests).toHaveLength(1);
    world.refusals = ['account_quarantined'];
    await world.request({ step: 2 });
    await world.until(() => world.commands.length > 3);
    await world.timers.advance(2 * replyMsMax);
    const sent = world.commands.length;
    await world.timers.advance(10 * replyMsMax);
    expect(world.commands).toHaveLength(sent);
  });

  it('makes a request again after a crash, unless its reply was recorded', async () => {
    const world = new World();
    world.answers = [neverComes];
    const killed = await world.start();
    const open = await world.request();
    const { ids } = world.log;
    const replied = await world.request({ callId: ids.callId() });
    const over = await world.request({ callId: ids.callId() });
    const failed = await world.request({ callId: ids.callId() });
    await world.until(() => world.requests.length === 4);
    await killed.stop();
    await world.log.append({ ...exampleEvents.CallFlowReplied, callId: replied.callId });
    await world.log.append({ ...exampleEvents.CallCompleted, callId: over.callId });
    await world.log.append({ ...exampleEvents.CallFlowFailed, callId: failed.callId });
    await world.log.append(await world.requested({ callId: failed.callId, step: 2, role: 'fallback' }));
    world.answers = [hangup];
    const before = world.requests.splice(0);
    await world.start();
    await world.until(() => world.commands.length === 2);
    expect(world.requests.map(({ headers }) => headers['webhook-id'])).toEqual([
      `${open.callId}_1`,
      `${failed.callId}_2`,
    ]);
    expect(before.map(({ headers }) => headers['webhook-id'])).toContain(`${open.callId}_1`);
  });

  it('keeps its checkpoint before the oldest request without a reply', async () => {
    const world = new World();
    world.answers = [neverComes];
    await world.start();
    await world.log.append(exampleEvents.CallAnswered);
    const open = await world.request();
    await world.until(() => world.requests.length === 1);
    for (const _ of [1, 2]) {
      await world.timers.advance(2_000);
      await world.log.append({ ...exampleEvents.CallCompleted, callId: world.log.ids.callId() });
    }
    await world.until(() => world.saved > 0);
    expect(world.saved).toBe(1);
    await world.log.append({ ...exampleEvents.CallCompleted, callId: open.callId });
    await world.timers.advance(2_000);
    await world.log.append({ ...exampleEvents.CallCompleted, callId: world.log.ids.callId() });
    await world.until(() => world.saved > 1);
    expect(world.saved).toBeGreaterThan(open.step + 3);
  });

  it('delays an account by its own slow endpoints alone', async () => {
    const world = new World();
    world.answers = [...Array.from({ length: requestsPerAccountMax }, () => neverComes), hangup];
    await world.start();
    const { ids } = world.log;
    for (let call = 0; call <= requestsPerAccountMax; call += 1) await world.request({ callId: ids.callId() });
    await world.until(() => world.requests.length === requestsPerAccountMax);
    const [, accountId] = [ids.accountId(), ids.accountId()];
    await world.request({ accountId, callId: ids.callId() });
    await world.until(() => world.commands.length > 0);
    expect(world.commands.map(({ stream }) => stream)).toEqual([accountId]);
    expect(world.requests).toHaveLength(requestsPerAccountMax + 1);
  });

  it('goes on after an error of its own, and says so', async () => {
    const world = new World();
    world.answers = [() => Promise.reject(new TypeError('a bug')), hangup];
    await world.start();
    const { ids } = world.log;
    await world.request();
    await world.until(() => world.failures.length > 0);
    await world.request({ callId: ids.callId() });
    await world.reply();
    expect(world.failures).toEqual(['TypeError: a bug']);
  });
});
