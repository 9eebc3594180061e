import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, LegId, OperationId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnswerOrder, Carrier, CarrierSignal, DialOrder, GatherOrder, IncomingCall } from './carrier.js';

/** A carrier under test, with a way to let its time pass and numbers that do what their name says. */
type CarrierUnderTest = {
  readonly carrier: Carrier;
  /** Lets that many of the carrier's own milliseconds pass. */
  readonly pass: (ms: number) => Promise<void>;
  readonly numbers: {
    /** A number that is answered within 5 s and then talks until it is hung up. */
    readonly talks: string;
    /** Rings within 5 s, and for ever. */
    readonly rings: string;
    /** A number like `talks`, whose party presses 123# at each gather, a key a second. */
    readonly presses: string;
    /** Fails within 5 s. */
    readonly busy: string;
  };
  /** Lets a caller ring, who talks for 8 s at most and gives up after 20 s, and returns the id of the attempt. */
  readonly ring: () => Promise<AttemptId>;
  readonly media: {
    /** A file that lasts 1 s to 5 s. */
    readonly file: string;
    /** A file that cannot be played. */
    readonly missing: string;
    /** A socket that stays open. */
    readonly socket: string;
  };
};

const soonMs = 5_000;
let count = 0;

function anOrder(change: Partial<DialOrder> = {}): DialOrder {
  count += 1;
  const digits = String(count).padStart(26, '0');
  return {
    attemptId: `evt_${digits}` as AttemptId,
    accountId: `acc_${digits}` as AccountId,
    callId: `cs_${digits}` as CallId,
    legId: `cl_${digits}` as LegId,
    from: '+14155550100',
    to: '+15005550000',
    trunk: 'sandbox',
    ringTimeoutMs: durationMs(60_000),
    authorisedForMs: durationMs(300_000),
    ...change,
  };
}

/** Runs the contract of every carrier; `make` is called afresh for each test. */
export function carrierContract(name: string, make: () => Promise<CarrierUnderTest> | CarrierUnderTest): void {
  describe(`${name} as a carrier`, () => {
    let under: CarrierUnderTest;
    let signals: CarrierSignal[];
    const kinds = (callId: CallId) =>
      signals.filter((signal) => signal.callId === callId).map(({ signal }) => signal.kind);
    const endOf = (callId: CallId) =>
      signals.flatMap(({ callId: of, signal }) => (of === callId && signal.kind === 'ended' ? [signal] : []));

    beforeEach(async () => {
      under = await make();
      signals = [];
      under.carrier.onSignal((signal) => signals.push(signal));
    });
    afterEach(() => under.carrier.close());

    it('says nothing while it takes an order: what becomes of it comes later', async () => {
      await under.carrier.place(anOrder({ to: under.numbers.busy }));
      expect(signals).toEqual([]);
    });

    it('reports a call from ringing to its end, in that order', async () => {
      const order = anOrder({ to: under.numbers.talks });
      await under.carrier.place(order);
      await under.pass(soonMs);
      await under.carrier.hangUp(order.callId, 'caller_hangup');
      expect(kinds(order.callId)).toEqual(['ringing', 'answered', 'ended']);
      expect(signals[0]).toMatchObject({ attemptId: order.attemptId, accountId: order.accountId });
    });

    it('dials an attempt once, however often it is ordered, even after its end', async () => {
      const order = anOrder({ to: under.numbers.busy });
      await under.carrier.place(order);
      await under.carrier.place(order);
      await under.pass(soonMs);
      await under.carrier.place(order);
      await under.pass(soonMs);
      expect(endOf(order.callId)).toHaveLength(1);
    });

    it('knows an attempt while it lives, and no longer', async () => {
      const order = anOrder({ to: under.numbers.rings });
      const other = anOrder();
      const known = () => under.carrier.knows([other.attemptId, order.attemptId]);
      expect([...(await known())]).toEqual([]);
      await under.carrier.place(order);
      expect([...(await known())]).toEqual([order.attemptId]);
      await under.pass(soonMs);
      await under.carrier.hangUp(order.callId, 'cancelled');
      expect([...(await known())]).toEqual([]);
    });

    it('ends an answered call when its authorised time is over, and has counted no more than that', async () => {
      const order = anOrder({ to: under.numbers.talks, authorisedForMs: durationMs(7_000) });
      await under.carrier.place(order);
      await under.pass(soonMs + 7_000);
      expect(endOf(order.callId)).toEqual([
        { kind: 'ended', cause: 'authorised_time_ended', endedBy: 'platform', talkTimeMs: 7_000 },
      ]);
    });

    it('lets a call go on when it is extended in time, and never shortens it', async () => {
      const order = anOrder({ to: under.numbers.talks, authorisedForMs: durationMs(7_000) });
      await under.carrier.place(order);
      await under.pass(soonMs);
      await under.carrier.extend(order.callId, durationMs(20_000));
      await under.carrier.extend(order.callId, durationMs(8_000));
      await under.pass(10_000);
      expect(endOf(order.callId)).toEqual([]);
      await under.pass(10_000);
      expect(endOf(order.callId)).toMatchObject([{ cause: 'authorised_time_ended', talkTimeMs: 20_000 }]);
    });

    describe('on an answered call', () => {
      const ends = (callId: CallId) =>
        signals.flatMap(({ callId: of, signal }) => (of === callId && signal.kind === 'action_ended' ? [signal] : []));
      const answeredCall = async (to = under.numbers.talks) => {
        const order = anOrder({ to });
        await under.carrier.place(order);
        await under.pass(soonMs);
        return order.callId;
      };
      const play = (callId: CallId, step: number, timesPlayed = 1, mediaUrl = under.media.file) =>
        under.carrier.play({ callId, step, mediaUrl, timesPlayed });
      const stream = (callId: CallId, step: number) =>
        under.carrier.stream({
          callId,
          step,
          wsUrl: under.media.socket,
          sampleRate: '8k',
          chunkMs: durationMs(400),
          protocol: 'teler',
          name: null,
          parameters: [],
        });

      it('plays a file, and reports its end once, however often it is ordered', async () => {
        const callId = await answeredCall();
        await play(callId, 1);
        await play(callId, 1);
        await under.pass(soonMs);
        await play(callId, 1);
        await under.pass(soonMs);
        expect(ends(callId)).toMatchObject([{ step: 1, outcome: 'completed' }]);
        expect(ends(callId)[0]?.audioMs).toBeGreaterThan(0);
      });

      it('plays a file as often as it is ordered to', async () => {
        const callId = await answeredCall();
        await play(callId, 1);
        await under.pass(soonMs);
        await play(callId, 2, 3);
        await under.pass(3 * soonMs);
        const [once, thrice] = ends(callId);
        expect(thrice?.audioMs).toBe(3 * (once?.audioMs ?? 0));
      });

      it('reports a file that cannot be played', async () => {
        const callId = await answeredCall();
        await play(callId, 1, 1, under.media.missing);
        await under.pass(soonMs);
        expect(ends(callId)).toEqual([{ kind: 'action_ended', step: 1, outcome: 'failed', audioMs: 0 }]);
      });

      it('plays a file without end until it is stopped', async () => {
        const callId = await answeredCall();
        await under.carrier.play({ callId, step: 1, mediaUrl: under.media.file, timesPlayed: null });
        await under.pass(60_000);
        expect(ends(callId)).toEqual([]);
        await under.carrier.stop(callId, 1);
        await play(callId, 2);
        await under.pass(soonMs);
        expect(ends(callId)).toMatchObject([{ step: 2 }]);
      });

      it('speaks, and the more text the longer', async () => {
        const callId = await answeredCall();
        const speech = { voice: null, language: null, timesSpoken: 1 };
        await under.carrier.say({ callId, step: 1, text: 'Hello.', ...speech });
        await under.pass(soonMs);
        await under.carrier.say({ callId, step: 2, text: 'Hello. '.repeat(20), ...speech });
        await under.pass(6 * soonMs);
        const [short, long] = ends(callId);
        expect([short?.outcome, long?.outcome]).toEqual(['completed', 'completed']);
        expect(long?.audioMs).toBeGreaterThan(short?.audioMs ?? 0);
      });

      it('is silent for as long as it is ordered to', async () => {
        const callId = await answeredCall();
        await under.carrier.pause({ callId, step: 1, lengthMs: durationMs(3_000) });
        await under.pass(soonMs);
        expect(ends(callId)).toEqual([{ kind: 'action_ended', step: 1, outcome: 'completed', audioMs: 3_000 }]);
      });

      describe('takes digits', () => {
        const gather = (callId: CallId, change: Partial<GatherOrder> = {}) =>
          under.carrier.gather({
            callId,
            step: 1,
            prompts: [{ kind: 'pause', lengthMs: durationMs(1_000) }],
            timeoutMs: durationMs(4_000),
            digitsMax: null,
            finishOnKey: '#',
            bargeIn: true,
            ...change,
          });

        it.each([
          { because: 'the key that ends them came', change: {}, digits: '123' },
          { because: 'as many as are wanted came', change: { digitsMax: 2 }, digits: '12' },
          { because: 'nothing more came', change: { finishOnKey: null }, digits: '123#' },
          { because: 'the prompts were over first', change: { bargeIn: false }, digits: '123' },
        ])('until $because', async ({ change, digits }) => {
          const callId = await answeredCall(under.numbers.presses);
          await gather(callId, change);
          await under.pass(4 * soonMs);
          expect(ends(callId)).toMatchObject([{ step: 1, outcome: 'completed', digits }]);
        });

        it('and says when nothing was pressed in time', async () => {
          const callId = await answeredCall();
          await gather(callId);
          await under.pass(4_900);
          expect(ends(callId)).toEqual([]);
          await under.pass(200);
          expect(ends(callId)).toEqual([{ kind: 'action_ended', step: 1, outcome: 'no_input', audioMs: 5_000 }]);
        });

        it('and fails with a prompt that cannot be played', async () => {
          const callId = await answeredCall(under.numbers.presses);
          await gather(callId, { prompts: [{ kind: 'play', mediaUrl: under.media.missing, timesPlayed: 1 }] });
          await under.pass(soonMs);
          expect(ends(callId)).toMatchObject([{ outcome: 'failed' }]);
        });
      });

      it('streams until the call ends, whose end is the last that it says', async () => {
        const callId = await answeredCall();
        await stream(callId, 1);
        await under.pass(60_000);
        expect(ends(callId)).toEqual([]);
        await under.carrier.hangUp(callId, 'cancelled');
        await under.pass(60_000);
        expect(kinds(callId).slice(-1)).toEqual(['ended']);
        expect(ends(callId)).toEqual([]);
      });

      it('ends an action that is stopped without a signal, and begins the next', async () => {
        const callId = await answeredCall();
        await play(callId, 1);
        await under.carrier.stop(callId, 1);
        await under.carrier.stop(callId, 1);
        await play(callId, 2);
        await under.carrier.stop(callId, 1);
        await under.pass(soonMs);
        expect(ends(callId)).toMatchObject([{ step: 2 }]);
      });

      it('begins no action that is older than another', async () => {
        const callId = await answeredCall();
        await stream(callId, 3);
        await play(callId, 2);
        await under.pass(soonMs);
        expect(ends(callId)).toEqual([]);
      });

      it('says nothing of the action once the call is over', async () => {
        const callId = await answeredCall();
        await play(callId, 1);
        await under.carrier.hangUp(callId, 'cancelled');
        await play(callId, 2);
        await under.pass(soonMs);
        expect(ends(callId)).toEqual([]);
      });
    });

    describe('on an answered call, over its action', () => {
      const playbackEnds = () => signals.flatMap(({ signal }) => (signal.kind === 'playback_ended' ? [signal] : []));
      const answered = async () => {
        const order = anOrder({ to: under.numbers.talks });
        await under.carrier.place(order);
        await under.pass(soonMs);
        return order;
      };
      const anOperation = () => {
        count += 1;
        return `op_${String(count).padStart(26, '0')}` as OperationId;
      };
      const play = (
        { callId, legId }: DialOrder,
        change: { readonly operationId?: OperationId; readonly mediaUrl?: string; readonly timesPlayed?: number } = {},
      ) => {
        const of = { operationId: anOperation(), callId, legId, mediaUrl: under.media.file, timesPlayed: 1 };
        return under.carrier.startPlayback({ ...of, onDigit: 'continue', ...change });
      };

      it('plays a file while the action goes on, and reports the end of each', async () => {
        const order = await answered();
        const operationId = anOperation();
        await under.carrier.play({ callId: order.callId, step: 1, mediaUrl: under.media.file, timesPlayed: 1 });
        await play(order, { operationId });
        await play(order, { operationId });
        await under.pass(soonMs);
        await play(order, { operationId });
        await under.pass(soonMs);
        expect(playbackEnds()).toMatchObject([{ operationId, outcome: 'completed' }]);
        expect(playbackEnds()[0]?.audioMs).toBeGreaterThan(0);
        expect(kinds(order.callId).filter((kind) => kind === 'action_ended')).toHaveLength(1);
      });

      it('ends a playback without a signal when the next begins, and when the call ends', async () => {
        const order = await answered();
        const operationId = anOperation();
        await play(order, { timesPlayed: 3 });
        await play(order, { operationId });
        await under.pass(soonMs);
        expect(playbackEnds()).toMatchObject([{ operationId }]);
        await play(order);
        await under.carrier.hangUp(order.callId, 'cancelled');
        await under.pass(soonMs);
        expect(playbackEnds()).toHaveLength(1);
        expect(kinds(order.callId).at(-1)).toBe('ended');
      });

      it('reports a file that cannot be played', async () => {
        await play(await answered(), { mediaUrl: under.media.missing });
        await under.pass(soonMs);
        expect(playbackEnds()).toMatchObject([{ outcome: 'failed', audioMs: 0 }]);
      });

      it('takes mutes and digits, and goes on', async () => {
        const order = await answered();
        const { callId, legId } = order;
        const digits = { operationId: anOperation(), callId, legId, digits: '1#', toneMs: durationMs(100) };
        await under.carrier.mute(callId, legId, true);
        await under.carrier.sendDigits(digits);
        await under.carrier.sendDigits(digits);
        await under.carrier.mute(callId, legId, false);
        await under.pass(soonMs);
        expect(kinds(callId)).toEqual(['ringing', 'answered']);
      });
    });

    it('begins no action before the answer', async () => {
      const order = anOrder({ to: under.numbers.rings });
      await under.carrier.place(order);
      await under.pass(soonMs);
      await under.carrier.play({ callId: order.callId, step: 1, mediaUrl: under.media.file, timesPlayed: 1 });
      await under.pass(soonMs);
      expect(kinds(order.callId)).toEqual(['ringing']);
    });

    describe('with an incoming call', () => {
      let incoming: IncomingCall[];
      beforeEach(() => {
        incoming = [];
        under.carrier.onIncoming((call) => incoming.push(call));
      });
      const anAnswer = (attemptId: AttemptId): AnswerOrder => {
        const { accountId, callId, legId, authorisedForMs } = anOrder();
        return { attemptId, accountId, callId, legId, authorisedForMs };
      };
      const ring = async () => {
        const attemptId = await under.ring();
        await under.pass(0);
        return attemptId;
      };

      it('signals it once, and nothing of the call before it is answered', async () => {
        const attemptId = await ring();
        await under.pass(60_000);
        expect(incoming).toMatchObject([{ attemptId }]);
        expect(signals).toEqual([]);
      });

      it('answers it, and reports its life until the caller hangs up', async () => {
        const order = anAnswer(await ring());
        await under.carrier.answer(order);
        await under.carrier.answer(order);
        await under.pass(10_000);
        expect(kinds(order.callId)).toEqual(['answered', 'ended']);
        expect(endOf(order.callId)).toMatchObject([{ cause: 'caller_hangup', endedBy: 'caller', talkTimeMs: 8_000 }]);
        expect(signals[0]).toMatchObject({ attemptId: order.attemptId, accountId: order.accountId });
      });

      it('knows it from the answer to the end', async () => {
        const order = anAnswer(await ring());
        await under.carrier.answer(order);
        expect([...(await under.carrier.knows([order.attemptId]))]).toEqual([order.attemptId]);
        await under.pass(10_000);
        expect([...(await under.carrier.knows([order.attemptId]))]).toEqual([]);
      });

      it('ends it when its authorised time is over', async () => {
        const order = { ...anAnswer(await ring()), authorisedForMs: durationMs(3_000) };
        await under.carrier.answer(order);
        await under.pass(5_000);
        expect(endOf(order.callId)).toMatchObject([{ cause: 'authorised_time_ended', talkTimeMs: 3_000 }]);
      });

      it('ends it as the callee when our side hangs up', async () => {
        const order = anAnswer(await ring());
        await under.carrier.answer(order);
        await under.carrier.hangUp(order.callId, 'caller_hangup');
        await under.pass(0);
        expect(endOf(order.callId)).toMatchObject([{ cause: 'callee_hangup', endedBy: 'callee' }]);
      });

      it('reports the end of one whose caller has gone when it is answered', async () => {
        const order = anAnswer(await ring());
        await under.pass(60_000);
        await under.carrier.answer(order);
        await under.pass(0);
        expect(endOf(order.callId)).toMatchObject([{ cause: 'caller_hangup', talkTimeMs: 0 }]);
        expect(kinds(order.callId)).toEqual(['ended']);
      });

      it('reports the end of one that it does not know when it is answered', async () => {
        const order = anAnswer(anOrder().attemptId);
        await under.carrier.answer(order);
        await under.pass(0);
        expect(endOf(order.callId)).toMatchObject([{ cause: 'carrier_unknown', talkTimeMs: 0 }]);
      });

      it('cannot answer one that was rejected', async () => {
        const order = anAnswer(await ring());
        await under.carrier.reject(order.attemptId, 'busy');
        await under.carrier.reject(order.attemptId, 'busy');
        await under.carrier.answer(order);
        await under.pass(0);
        expect(kinds(order.callId)).toEqual(['ended']);
      });
    });

    it('stops ringing at the ring timeout', async () => {
      const order = anOrder({ to: under.numbers.rings, ringTimeoutMs: durationMs(9_000) });
      await under.carrier.place(order);
      await under.pass(8_000);
      expect(endOf(order.callId)).toEqual([]);
      await under.pass(2_000);
      expect(endOf(order.callId)).toMatchObject([{ cause: 'no_answer', talkTimeMs: 0 }]);
    });

    it.each(['caller_hangup', 'key_revoked', 'account_suspended', 'cancelled', 'no_answer'] as const)(
      'ends a ringing call with the cause that it is given: %s',
      async (cause) => {
        const order = anOrder({ to: under.numbers.rings });
        await under.carrier.place(order);
        await under.pass(soonMs);
        await under.carrier.hangUp(order.callId, cause);
        await under.pass(0);
        expect(endOf(order.callId)).toMatchObject([{ cause, talkTimeMs: 0 }]);
      },
    );

    it('says nothing of a call after its end', async () => {
      const order = anOrder({ to: under.numbers.talks });
      await under.carrier.place(order);
      await under.pass(soonMs);
      await under.carrier.hangUp(order.callId, 'caller_hangup');
      await under.carrier.hangUp(order.callId, 'key_revoked');
      await under.carrier.extend(order.callId, durationMs(900_000));
      await under.pass(900_000);
      expect(endOf(order.callId)).toHaveLength(1);
      expect(kinds(order.callId).at(-1)).toBe('ended');
    });

    it('does nothing for a call that it does not know', async () => {
      await under.carrier.hangUp(anOrder().callId, 'caller_hangup');
      await under.carrier.extend(anOrder().callId, durationMs(1_000));
      await under.pass(soonMs);
      expect(signals).toEqual([]);
    });

    it('is silent once it is closed', async () => {
      await under.carrier.place(anOrder({ to: under.numbers.busy }));
      await under.carrier.close();
      await under.pass(soonMs);
      expect(signals).toEqual([]);
    });
  });
}
