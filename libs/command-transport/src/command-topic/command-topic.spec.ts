import { afterEach, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { AccountId, CommandId } from '@ringfence/kernel/ids';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import type { Timers } from '@ringfence/kernel/timers';
import { micros, position, streamVersion } from '@ringfence/kernel/units';
import { binaryHeaders } from '@ringfence/wire/cloud-event';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { MemoryBroker } from '@ringfence/messaging-memory/memory-broker';
import { MemoryMessageBus } from '@ringfence/messaging-memory/memory-message-bus';
import { exampleKeyId, examplePlaceCall, nine } from '@ringfence/testing/examples';
import { DeciderWorld, laneCount, topics, clusterMac } from '@ringfence/testing/decider-world';
import { Failure } from '@ringfence/kernel/failure';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { commandEvent, readCommandEvent } from '../envelope/wire-command-envelope.js';
import type { CommandConsumerOptions } from './command-consumer.js';
import { readDeadLetter } from './dead-letter.js';
import { RemoteDispatcher } from './remote-dispatcher.js';
import { authenticatedHeaders } from './cluster-event.js';
import { ClusterMac } from './cluster-mac.js';
import { fromWire, sealedIn } from '../envelope/command-codec.js';

const ring = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString('base64')}`;
const clusterMacOf = (text: string) => new ClusterMac(KeyRing.parse(text, 'spec'));

/** Timers by which no time passes: nothing is given up for having lasted too long. */
const untimed: Timers = { ...systemTimers, monotonicMs: () => 0 };

/** The bus of a process that dies before it has sent anything. */
class MuteBus extends MemoryMessageBus {
  override publish(): Promise<void> {
    return Promise.resolve();
  }
}

class Bench extends DeciderWorld {
  override decider(change: Partial<CommandConsumerOptions> = {}) {
    return super.decider({ timers: untimed, instance: 'decider', ...change });
  }

  async gateway(instance = 'gateway', mac = clusterMac): Promise<RemoteDispatcher> {
    const { clock, report } = this;
    const dispatcher = await RemoteDispatcher.start({
      bus: this.bus(),
      topics,
      laneCount,
      clusterMac: mac,
      clock,
      timers: systemTimers,
      instance,
      onRetryableError: report,
    });
    this.atEnd(() => dispatcher.stop());
    return dispatcher;
  }

  credit(accountId: AccountId, change: Partial<SubmittedCommand> = {}): SubmittedCommand {
    return this.command(
      { type: 'AddCredit', accountId, mode: 'test', amountMicros: micros(1n), reference: null },
      change,
    );
  }

  events(accountId: AccountId) {
    return this.store.readStream(accountId, streamVersion(1), 1_000);
  }

  /** Returns the dead letters, once there are so many. */
  async deadLetters(count: number) {
    const found: BusMessage[] = [];
    let enough: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (enough = resolve));
    const membership = await this.bus().follow({
      topic: topics.deadLetters,
      from: new Map(Array.from({ length: laneCount }, (_, partition) => [partition, 'first'])),
      onMessages: (_partition, batch) => {
        found.push(...batch);
        if (found.length >= count) enough();
        return Promise.resolve();
      },
      onRetryableError: () => undefined,
    });
    await all;
    await membership.leave();
    return found.map((message) => readDeadLetter(message));
  }

  async consumedOf(lane: Lane): Promise<bigint | undefined> {
    const [taken] = await this.store.takeLanes([lane], 'looking');
    return taken?.consumed?.next;
  }
}

const benches: Bench[] = [];
const bench = () => {
  const made = new Bench();
  benches.push(made);
  return made;
};

describe('commands on a topic', () => {
  afterEach(async () => {
    for (const made of benches.splice(0)) await made.end();
  });

  it('come back with the outcome that the lane of their account gives', async () => {
    const b = bench();
    await b.decider();
    const gateway = await b.gateway();
    const opening = b.opening();
    const accountId = opening.stream as AccountId;
    const opened = await gateway.dispatch(opening);
    expect(opened).toMatchObject({ accepted: true, replayed: false, result: { account_id: accountId } });
    const again = await gateway.dispatch(b.opening(accountId));
    expect(again).toMatchObject({ accepted: false, refusal: { code: 'account_already_open' } });
    expect((await b.events(accountId)).map(({ position: at }) => at)).toEqual([opened.position]);
  });

  it('are decided by the owner of the lane, each once, while deciders come and go', async () => {
    const b = bench();
    const [first, gateway] = [await b.decider(), await b.gateway()];
    const accounts = Array.from({ length: 40 }, () => b.ids.accountId());
    await Promise.all(accounts.map((accountId) => gateway.dispatch(b.opening(accountId))));
    const credits = async (times: number) => {
      for (let round = 0; round < times; round += 1)
        await Promise.all(accounts.map((accountId) => gateway.dispatch(b.credit(accountId))));
    };
    const under = credits(30);
    await b.decider();
    await first.stop();
    await under;
    for (const accountId of accounts) expect(await b.events(accountId)).toHaveLength(31);
    // What was under way in a lane that another took comes again there.
    const ofHandOver = (error: unknown) =>
      error === 'lanes lost' || (error instanceof Failure && error.code === 'lane_unavailable');
    expect(b.reports.filter((error) => !ofHandOver(error))).toEqual([]);
  });

  it('are decided by one whose lanes the group gives to another until the other has taken them', async () => {
    const b = bench();
    const [first, gateway] = [await b.decider(), await b.gateway()];
    const accounts = Array.from({ length: 20 }, () => b.ids.accountId());
    await Promise.all(accounts.map((accountId) => gateway.dispatch(b.opening(accountId))));
    let letTake = (): void => undefined;
    const mayTake = new Promise<void>((resolve) => {
      letTake = resolve;
    });
    const take = b.store.takeLanes.bind(b.store);
    b.store.takeLanes = async (...asked) => {
      await mayTake;
      return take(...asked);
    };
    const joining = b.decider();
    // Shares have changed when the second asks for its lanes; it does not get them yet.
    for (let time = 0; time < 3; time += 1)
      await Promise.all(accounts.map((accountId) => gateway.dispatch(b.credit(accountId))));
    letTake();
    const second = await joining;
    await Promise.all(accounts.map((accountId) => gateway.dispatch(b.credit(accountId))));
    const owners = accounts.map((accountId) =>
      [first, second].filter(({ executor }) => executor.ownsLane(laneOf(accountId, laneCount))),
    );
    expect(new Set(owners.flat()).size).toBe(2);
    for (const accountId of accounts) expect(await b.events(accountId)).toHaveLength(5);
  });

  it('are decided by one that stops until another has taken their lanes', async () => {
    const b = bench();
    const [first, gateway] = [await b.decider(), await b.gateway()];
    const accountId = b.ids.accountId();
    const lane = laneOf(accountId, laneCount);
    await gateway.dispatch(b.opening(accountId));
    const stopping = first.stop(() => true);
    // The group has forgotten it, and there is nobody else yet.
    for (let time = 0; time < 3; time += 1) await gateway.dispatch(b.credit(accountId));
    expect(first.executor.ownsLane(lane)).toBe(true);
    const second = await b.decider();
    await stopping;
    expect([first, second].map(({ executor }) => executor.ownsLane(lane))).toEqual([false, true]);
    await gateway.dispatch(b.credit(accountId));
    expect(await b.events(accountId)).toHaveLength(5);
    expect(b.reports).toEqual([]);
  });

  it('are answered by the next decider when theirs has died between its commit and its reply', async () => {
    const b = bench();
    const dying = await b.decider({ bus: new MuteBus(b.broker) });
    const gateway = await b.gateway();
    const accountId = b.ids.accountId();
    const asked = Promise.allSettled([
      gateway.dispatch(b.opening(accountId)),
      gateway.dispatch(b.credit(b.ids.accountId())),
    ]);
    const isConsumed = async () => b.log.consumed.size >= 2 && (await b.events(accountId)).length === 1;
    while (!(await isConsumed())) await new Promise(setImmediate);
    await dying.stop();
    await b.decider();
    // Of what was refused and can be retried nothing is kept.
    expect(await asked).toMatchObject([
      { value: { accepted: true, replayed: true, result: { account_id: accountId } } },
      { reason: { code: 'lane_unavailable', retryable: true } },
    ]);
    expect(await b.events(accountId)).toHaveLength(1);
  });

  it('wait for the next decider when one stops that knows of no other', async () => {
    const b = bench();
    const [first, gateway] = [await b.decider(), await b.gateway()];
    const accountId = b.ids.accountId();
    await gateway.dispatch(b.opening(accountId));
    await first.stop(() => false);
    const credited = gateway.dispatch(b.credit(accountId));
    await b.decider();
    expect(await credited).toMatchObject({ accepted: true });
  });

  it('give a retry with the same id the same outcome', async () => {
    const b = bench();
    await b.decider();
    const gateway = await b.gateway();
    const accountId = b.ids.accountId();
    await gateway.dispatch(b.opening(accountId));
    const credit = b.credit(accountId, { idChosenByClient: true });
    const one = await gateway.dispatch(credit);
    expect(await (await b.gateway('another')).dispatch(credit)).toEqual({ ...one, replayed: true });
    const other = { ...credit, fingerprint: Buffer.from('other fields') };
    await expect(gateway.dispatch(other)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    expect(await b.events(accountId)).toHaveLength(2);
  });

  it('record in the log what two gateways have rejected in one second: in full what one counted, and the other’s as a count', async () => {
    const b = bench();
    await b.decider();
    const { clock, ids } = b;
    const accountId = ids.accountId();
    const key = { keyId: ids.keyId(), accountId };
    const unreported: unknown[] = [];
    const knocking = async (name: string, times: number) => {
      const dispatcher = await b.gateway(name);
      const onUnreported = (what: unknown) => unreported.push(what);
      const requests = new RejectedRequestCounter({
        dispatcher,
        ids,
        clock,
        timers: systemTimers,
        workerId: `gateway:${name}`,
        onUnreported: onUnreported,
      });
      for (let time = 0; time < times; time += 1) requests.count(key, 'key_revoked');
      return requests;
    };
    await (await b.gateway()).dispatch(b.opening(accountId));
    await (await knocking('one', 50)).stop();
    await (await knocking('other', 7)).stop();
    const recorded = async () => (await b.events(accountId)).slice(1).map((event) => decodeRecorded(event));
    expect(await recorded()).toMatchObject([
      {
        issuedBy: { kind: 'worker', id: 'gateway:one' },
        presentedKeyId: key.keyId,
        data: { type: 'CommandTurnedAway', code: 'key_revoked', commandType: null, count: 50 },
      },
    ]);
    clock.advance(1_000);
    await (await knocking('other', 1)).stop();
    const since = (await recorded()).slice(1).map(({ data }) => data);
    // Whether its time comes first or the next second's first one.
    expect(since).toMatchObject([
      { type: 'CommandsTurnedAwayCounted', code: 'key_revoked', count: 7 },
      { type: 'CommandTurnedAway', code: 'key_revoked', count: 1 },
    ]);
    expect([unreported, b.reports]).toEqual([[], []]);
  });

  it('carry no number in clear, and one that was erased on the way is not there any more', async () => {
    const b = bench();
    const {
      nowMs: _nowMs,
      principal: _principal,
      rateDecks: _decks,
      routes: _routes,
      numberingPlan: _plan,
      calendar: _calendar,
      ...call
    } = examplePlaceCall(nine);
    const sealed = async (clear: string) => ({ clear, sealed: await b.vault.seal(call.accountId, clear) });
    const payload = { ...call, from: await sealed('+15005550100'), to: await sealed('+15005550000') };
    const event = commandEvent(b.command(payload), b.clock.now(), { partition: 0, correlation: 'c' }, 'urn:spec');
    expect(JSON.stringify([event, Buffer.from(event.data).toString()])).not.toContain('5005550');
    const read = readCommandEvent(event).payload;
    const arrived = async () => fromWire(read, await b.vault.open(sealedIn(read)));
    expect(await arrived()).toEqual(payload);
    await b.vault.erase(call.accountId, payload.to.sealed.subjectId);
    expect(await arrived()).toEqual({ ...payload, to: { ...payload.to, clear: '' } });
  });

  it('whose number was erased on the way are not decided, and are, once they are sent again with the number', async () => {
    const b = bench();
    await b.decider();
    const gateway = await b.gateway();
    const {
      nowMs: _nowMs,
      principal: _principal,
      rateDecks: _decks,
      routes: _routes,
      numberingPlan: _plan,
      calendar: _calendar,
      ...call
    } = examplePlaceCall(nine);
    const { accountId } = call;
    await gateway.dispatch(b.opening(accountId));
    const sealed = async (clear: string) => ({ clear, sealed: await b.vault.seal(accountId, clear) });
    const placing = async () => {
      const payload = { ...call, from: await sealed('+15005550100'), to: await sealed('+15005550000') };
      const principal = { kind: 'key', keyId: exampleKeyId, home: 'account' } as const;
      return {
        ...b.command(payload, { idChosenByClient: true, principal }),
        commandId: 'place-1' as CommandId,
        payload,
      };
    };
    const early = await placing();
    await b.vault.erase(accountId, early.payload.to.sealed.subjectId);
    const refusal = { code: 'number_erased', detail: expect.stringContaining('send it again') };
    expect(await gateway.dispatch(early)).toMatchObject({ accepted: false, replayed: false, refusal });
    expect(await gateway.dispatch(await placing())).toMatchObject({
      accepted: false,
      refusal: { code: 'key_unknown' },
    });
    expect(b.reports).toEqual([]);
  });

  it('that nobody takes get an unknown outcome, with the id to retry with', async () => {
    const b = bench();
    const decider = await b.decider();
    await decider.stop();
    const gateway = await b.gateway();
    const command = { ...b.opening(), deadlineMs: b.clock.now() };
    await expect(gateway.dispatch(command)).rejects.toMatchObject({
      code: 'reply_timeout',
      message: expect.stringContaining(command.commandId),
    });
    expect(gateway.waiting).toBe(0);
  });

  it('that waited past their deadline are not decided', async () => {
    const b = bench();
    await (await b.decider()).stop();
    const gateway = await b.gateway();
    const command = b.opening();
    const dispatched = gateway.dispatch(command);
    b.clock.advance(6_000);
    await b.decider();
    expect(await dispatched).toMatchObject({ accepted: false, refusal: { code: 'deadline_passed' } });
    expect(await b.events(command.stream as AccountId)).toEqual([]);
  });

  it('are decided from the first on in a recreated topic, though more had been consumed of the old one', async () => {
    const b = bench();
    const old = await b.decider();
    const accountId = b.ids.accountId();
    const before = await b.gateway('before');
    await before.dispatch(b.opening(accountId));
    for (let at = 0; at < 5; at += 1) await before.dispatch(b.credit(accountId));
    await old.stop();
    // The log stays, and whatever the broker had is gone.
    b.broker = new MemoryBroker();
    await b.decider();
    const lane = laneOf(accountId, laneCount);
    expect(b.reports).toEqual([`recreated topic: ${String(lane)}`]);
    expect(await (await b.gateway('after')).dispatch(b.credit(accountId))).toMatchObject({ accepted: true });
    expect(await b.events(accountId)).toHaveLength(7);
    expect(await b.consumedOf(lane)).toBe(1n);
  });

  it('in the wrong partition are passed on to their lane', async () => {
    const b = bench();
    await b.decider();
    const command = b.opening();
    const lane = laneOf(command.stream, laneCount);
    const wrong = ((lane + 1) % laneCount) as Lane;
    await b.bus().publish([{ ...b.record(command), partition: wrong }]);
    // A command that came after it to the same lane is answered after it.
    while ((await b.events(command.stream as AccountId)).length === 0) await new Promise(setImmediate);
    expect(await b.consumedOf(lane)).toBe(1n);
    expect(await b.consumedOf(wrong)).toBe(1n);
  });

  it('whose type is named as the next release names it are decided', async () => {
    const b = bench();
    await b.decider();
    const command = b.opening();
    const written = commandEvent(command, b.clock.now(), { partition: 0, correlation: 'c' }, 'urn:spec');
    const event = { ...written, type: written.type.replace('ringfence.wish.', 'ringfence.internal.command.') };
    const partition = laneOf(command.stream, laneCount);
    await b.bus().publish([{ ...b.record(command), headers: authenticatedHeaders(event, clusterMac) }]);
    while ((await b.events(command.stream as AccountId)).length === 0) await new Promise(setImmediate);
    expect(event.type).not.toBe(written.type);
    expect(await b.consumedOf(partition)).toBe(1n);
  });

  it('that cannot be read are dead letters with the reason and their place, and as they came only if they have a valid MAC', async () => {
    const b = bench();
    await b.decider();
    const command = b.opening();
    const lane = laneOf(command.stream, laneCount);
    const event = commandEvent(command, b.clock.now(), { partition: 0, correlation: 'c' }, 'urn:spec');
    const authenticated = authenticatedHeaders(event, clusterMac);
    const unknownType = { ...event, type: 'ringfence.wish.fly_to_the_moon.v1' };
    const laterVersion = { ...event, type: event.type.replace('v1', 'v9') };
    const wrongField = { ...event, data: Buffer.from(Buffer.from(event.data).toString().replace('"USD"', '"usd"')) };
    const otherAccount = { ...event, subject: b.ids.accountId() };
    const stranger = clusterMacOf(ring('one', 2));
    const messages = [
      { headers: {}, value: event.data },
      { headers: binaryHeaders({ ...event, type: 'com.example.order.v1' }), value: event.data },
      { headers: binaryHeaders(event), value: event.data },
      { headers: authenticatedHeaders(event, stranger), value: event.data },
      { headers: authenticated, value: Buffer.from(`${Buffer.from(event.data).toString()} `) },
      { headers: { ...authenticated, ce_time: '2020-01-01T00:00:00Z' }, value: event.data },
      ...[unknownType, laterVersion, wrongField, otherAccount].map((each) => ({
        headers: authenticatedHeaders(each, clusterMac),
        value: each.data,
      })),
      {
        headers: authenticatedHeaders({ ...event, data: Buffer.from('{"wish":') }, clusterMac),
        value: Buffer.from('{"wish":'),
      },
    ].map((message) => ({ topic: topics.commands, key: 'k', partition: lane, ...message }));
    await b.bus().publish(messages);
    const letters = await b.deadLetters(messages.length);
    expect(letters.map((letter) => letter?.reason)).toEqual([
      expect.stringContaining('content-type'),
      expect.stringContaining('com.example.order.v1 is no command'),
      expect.stringContaining('valid MAC'),
      expect.stringContaining('valid MAC'),
      expect.stringContaining('valid MAC'),
      expect.stringContaining('valid MAC'),
      expect.stringContaining('event_type_unknown'),
      expect.stringContaining('event_version_unknown'),
      expect.stringContaining('currency'),
      expect.stringContaining('subject'),
      expect.stringContaining('data must be a JSON object'),
    ]);
    const kept = messages.map(({ headers, value }, at) => ({
      ...{ topic: topics.commands, partition: lane, offset: BigInt(at), bytes: value.length },
      ...(at < 6 ? { withheld: true } : { withheld: false, message: { headers, value: Buffer.from(value) } }),
    }));
    expect(letters).toMatchObject(kept);
    expect(letters.slice(0, 6).map((letter) => [...(letter?.message.value ?? [])])).toEqual(Array(6).fill([]));
    // What came after them is decided.
    const gateway = await b.gateway();
    expect(await gateway.dispatch(command)).toMatchObject({ accepted: true });
  });

  it('are taken from a gateway whose key is older or newer, as long as both are known', async () => {
    const b = bench();
    await b.decider({ clusterMac: clusterMacOf(`${ring('new', 2)},${ring('old', 1)}`) });
    const older = await b.gateway('older', clusterMacOf(`${ring('old', 1)},${ring('new', 2)}`));
    expect(await older.dispatch(b.opening())).toMatchObject({ accepted: true });
  });

  it('do not pile up without bound at a gateway', async () => {
    const b = bench();
    await (await b.decider()).stop();
    const gateway = await b.gateway();
    const dispatched = Array.from({ length: 16_400 }, () => gateway.dispatch(b.opening()));
    const last = await Promise.allSettled(dispatched.slice(-16));
    expect(last.map((each) => each.status)).toEqual(Array(16).fill('rejected'));
    expect(await b.store.readAll(position(0), 10)).toHaveLength(2);
    void Promise.allSettled(dispatched);
    await gateway.stop();
  });
});
