import { setTimeout as pause } from 'node:timers/promises';
import { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { issueKey, openAccount } from '@ringfence/e2e/test-accounts';
import { type StoredEvent, ofType, readLog } from '@ringfence/e2e/log-reader';
import type { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, percentile } from '../bench.js';
import { load } from '../http/load.js';
import { initiatePath, ringsForEver } from '../http/platform.js';

const gateways = ['gateway-1', 'gateway-2', 'gateway-3'] as const;
const revocations = 100;
const revocationsBefore = 10;
/** Connections of each gateway that find out how many commands the cluster takes. */
const connectionsEach = 16;
const capacitySeconds = 5;
/** Share of the capacity that is used while keys are revoked. */
const shareOfCapacity = 1 / 5;
/** Time for which a revoked key is tried after its last success, to catch a gateway that admits it once more. */
const watchMs = 400;
const warmMs = 5_000;
const goalMs = 250;
const readPath = '/api/v1/voice/calls?limit=1';
const wide = { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 100_000 };

/**
 * Measurements of one revoked key: the time after the acknowledgement at which each gateway last answered a read, and
 * the number of requests.
 */
type Revocation = {
  readonly lastReadMs: readonly number[];
  readonly reads: number;
  readonly refused: number;
  readonly unavailable: number;
};

/** Measures from the acknowledgement of a revocation to the last read that any gateway answers with the key. */
export const revocationBench: Bench = {
  name: 'revocation',
  title: `Revocation through Kafka: three gateways, a decider, a projector, a fifth of the commands that it can take, reads with the key at every gateway without a pause`,
  run: async (progress) => {
    const members = { 'decider-1': 'decider', 'projector-1': 'projector' } as const;
    const cluster = await ClusterOfMembers.start(
      { ...members, ...Object.fromEntries(gateways.map((name) => [name, 'gateway'] as const)) },
      { RINGFENCE_LOG_LEVEL: 'warn' },
    );
    try {
      const members = gateways.map((name) => cluster.member(name));
      const [first] = members;
      if (first === undefined) throw new Error('there is no gateway');
      const accountId = await openAccount(first, 'load');
      const { secret } = await issueKey(first, accountId, wide);
      const capacity = await capacityOf(members, secret);
      progress(`capacity ${capacity.toFixed(0)}/s`);
      const perSecond = shareOfCapacity * capacity;
      const placing = startLoad(members, secret, perSecond);
      await pause(warmMs);
      // Until the processes are as warm as after some minutes.
      for (let at = 0; at < revocationsBefore; at += 1) await revokeOne(members, first, accountId, at);
      placing.reset();
      const done: Revocation[] = [];
      for (let at = 0; at < revocations; at += 1) {
        done.push(await revokeOne(members, first, accountId, at));
        if (done.length % 10 === 0) progress(`${String(done.length)} revoked: ${summary(done)}`);
      }
      const commands = await placing.stop();
      const log = await readLog(cluster.dataDir);
      const late = placedAfterRevocation(log);
      if (late.length > 0) throw new Error(`calls after their key's revocation: ${late.join(', ')}`);
      const lasts = done.flatMap(({ lastReadMs }) => Math.max(...lastReadMs));
      const each = done.flatMap(({ lastReadMs }) => lastReadMs);
      const p99 = percentile(lasts, 99);
      const unavailable = sum(done.map((one) => one.unavailable));
      return {
        rows: [
          {
            what: `last read anywhere after the acknowledgement, p99 of ${String(revocations)}`,
            figure: `${p99.toFixed(0)} ms`,
            goal: `< ${String(goalMs)} ms`,
            met: p99 < goalMs,
          },
          {
            what: 'p50, and the worst',
            figure: `${percentile(lasts, 50).toFixed(0)} and ${Math.max(...lasts).toFixed(0)} ms`,
            goal: '',
            met: null,
          },
          { what: 'at one gateway, p99', figure: `${percentile(each, 99).toFixed(0)} ms`, goal: '', met: null },
          {
            what: 'events issued by a key after its revocation, in the log',
            figure: `${String(late.length)} of ${String(ofType(log, 'key.revoked').length)} keys`,
            goal: '0',
            met: late.length === 0,
          },
          { what: 'commands that the cluster can take', figure: `${capacity.toFixed(0)}/s`, goal: '', met: null },
          {
            what: 'commands accepted meanwhile',
            figure: `${commands.perSecond.toFixed(0)}/s`,
            goal: `${perSecond.toFixed(0)}/s`,
            met: commands.perSecond > 0.98 * perSecond,
          },
          {
            what: 'reads with the keys meanwhile',
            figure: `${String(sum(done.map(({ reads }) => reads)))} answered, ${String(sum(done.map(({ refused }) => refused)))} refused`,
            goal: '',
            met: null,
          },
          {
            what: 'of them unavailable, because a gateway did not know whether the key is valid',
            figure: String(unavailable),
            goal: '0',
            met: unavailable === 0,
          },
        ],
        details: { revocations: done, commands },
      };
    } finally {
      await cluster.discard();
    }
  },
};

/** Measures how many calls the gateways accept together, each as fast as its answers arrive. */
async function capacityOf(members: readonly PlatformProcess[], key: string): Promise<number> {
  const each = { key, body: ringsForEver, connections: connectionsEach, seconds: capacitySeconds };
  const loads = members.map(({ url }) => load({ ...each, url: `${url}${initiatePath}` }));
  const accepted = (await Promise.all(loads)).map(({ statuses }) => statuses['202'] ?? 0);
  return sum(accepted) / capacitySeconds;
}

/**
 * Issues a key, waits until every gateway has admitted it, revokes it at one of them, and tries it at all of them until
 * none has admitted it for a while.
 */
async function revokeOne(
  members: readonly PlatformProcess[],
  operator: PlatformProcess,
  accountId: string,
  at: number,
): Promise<Revocation> {
  const { keyId, secret } = await issueKey(operator, accountId, {
    ...wide,
    scopes: ['calls:read', 'calls:write'],
    preset: null,
  });
  const polls = members.map((member) => new Poll(member, secret));
  await Promise.all(polls.map((poll) => poll.admitted));
  const member = members[at % members.length] ?? operator;
  const path = `/api/v1/keys/${keyId}/revoke`;
  const { status } = await member.ask(operator.keys.adminKey, 'POST', path, { reason: 'leaked' });
  const acknowledgedAt = performance.now();
  if (status !== 200) throw new Error(`the key was not revoked: ${String(status)}`);
  await Promise.all(polls.map((poll) => poll.shutFor(watchMs)));
  return {
    lastReadMs: polls.map(({ lastAt }) => Math.max(0, lastAt - acknowledgedAt)),
    reads: sum(polls.map(({ answered }) => answered)),
    refused: sum(polls.map(({ refused }) => refused)),
    unavailable: sum(polls.map(({ unavailable }) => unavailable)),
  };
}

/**
 * Reads with one key at one gateway, one read after the other without a pause; every tenth time it also tries to place
 * a call.
 */
class Poll {
  answered = 0;
  refused = 0;
  unavailable = 0;
  /** Moment of the last answer that was no refusal. */
  lastAt = 0;
  readonly admitted: Promise<void>;
  #onAdmitted: () => void = () => undefined;
  #over = false;
  readonly #running: Promise<void>;

  constructor(
    private readonly member: PlatformProcess,
    private readonly secret: string,
  ) {
    this.admitted = new Promise((resolve) => (this.#onAdmitted = resolve));
    this.#running = this.#run();
  }

  async shutFor(ms: number): Promise<void> {
    while (performance.now() - this.lastAt < ms) await pause(10);
    this.#over = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#over; turn += 1) {
      const places = turn % 10 === 9;
      const { status } = places
        ? await this.member.ask(this.secret, 'POST', initiatePath, ringsForEver)
        : await this.member.ask(this.secret, 'GET', readPath);
      if (status === 401) this.refused += 1;
      // A gateway that cannot know whether the key is still valid does not admit it either.
      else if (status === 503) this.unavailable += 1;
      else if (status === 200 || status === 202) this.#noteAnswer();
      else throw new Error(`neither admitted nor refused: ${String(status)}`);
    }
  }

  #noteAnswer(): void {
    this.answered += 1;
    this.lastAt = performance.now();
    this.#onAdmitted();
  }
}

/** Places calls at a steady rate, at every gateway in turn, however long each takes. */
function startLoad(members: readonly PlatformProcess[], secret: string, perSecond: number) {
  let began = performance.now();
  let sent = 0;
  let accepted = 0;
  const under = new Set<Promise<void>>();
  const faults: unknown[] = [];
  const place = async (member: PlatformProcess) => {
    const { status, json } = await member.ask(secret, 'POST', initiatePath, ringsForEver);
    if (status === 202) accepted += 1;
    else faults.push({ status, json });
  };
  const sending = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1_000);
    for (; sent < due; sent += 1) {
      const member = members[sent % members.length];
      if (member === undefined) continue;
      const one: Promise<void> = place(member)
        .catch((failure: unknown) => void faults.push(String(failure)))
        .finally(() => under.delete(one));
      under.add(one);
    }
  }, 5);
  return {
    reset: () => {
      [began, sent, accepted] = [performance.now(), 0, 0];
    },
    stop: async () => {
      clearInterval(sending);
      const seconds = (performance.now() - began) / 1_000;
      await Promise.all(under);
      if (faults.length > 0) throw new Error(`commands failed: ${JSON.stringify(faults.slice(0, 3))}`);
      return { accepted, seconds, perSecond: accepted / seconds };
    },
  };
}

/** Ids of events that a key issued after its revocation. */
function placedAfterRevocation(log: readonly StoredEvent[]): readonly string[] {
  const revokedAt = new Map(ofType(log, 'key.revoked').map(({ data, position }) => [data['keyId'], position]));
  return log.flatMap(({ json, position }) =>
    position > (revokedAt.get(json['issuedbyid']) ?? Number.POSITIVE_INFINITY) ? [String(json['id'])] : [],
  );
}

function summary(done: readonly Revocation[]): string {
  const lasts = done.map(({ lastReadMs }) => Math.max(...lastReadMs));
  return `p50 ${percentile(lasts, 50).toFixed(0)} ms, worst ${Math.max(...lasts).toFixed(0)} ms`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
