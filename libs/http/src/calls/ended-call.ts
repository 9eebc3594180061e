import { Inject, Injectable } from '@nestjs/common';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { parseCallId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import type { FastifyRequest } from 'fastify';
import { AccessGuard, type Caller } from '../edge/access.js';
import { withTurnYielded } from '../edge/read-bounds.js';
import { catchUpMsMax, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { CallEnds, type Wait, waitsPerKeyMax } from './call-ends.js';
import { CallReader } from './call-reader.js';

/** Reads a call once it has ended. */
@Injectable()
export class EndedCall {
  constructor(
    @Inject(CallReader) private readonly reader: CallReader,
    @Inject(CallEnds) private readonly ends: CallEnds,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(KeyRegistry) private readonly registry: KeyRegistry,
  ) {}

  /**
   * @param waitMs the longest wait; then the call is answered as it is
   * @throws HttpProblem as `CallReader.read`; `too_many_waiting`; `key_not_accepted` if the key was revoked meanwhile
   */
  async read(
    request: FastifyRequest,
    { entry }: Caller,
    callIdText: string,
    minPosition: string | null | undefined,
    waitMs: number,
  ): Promise<CallRow> {
    const wait = this.#begin(entry, callIdText, waitMs);
    // Ends are received from now on, so one read is enough: it sees everything that was in the log before, including an
    // earlier end.
    const now = await this.#look(request, callIdText, minPosition).catch((failure: unknown): never => {
      wait?.cancel();
      throw failure;
    });
    if (now.endedAtMs !== null) {
      wait?.cancel();
      return now;
    }
    if (wait === undefined)
      throw edgeProblem('too_many_waiting', `a key waits for the ends of ${String(waitsPerKeyMax)} calls at most`);
    const outcome = await withTurnYielded(request, (gone) => {
      gone?.addEventListener('abort', wait.cancel, { once: true });
      return wait.outcome;
    });
    if (outcome.why === 'abandoned') return now;
    if (outcome.why === 'key_revoked') throw edgeProblem('key_not_accepted', 'the key was revoked');
    // Whatever ended the wait, the key or an ancestor may have expired meanwhile.
    await this.guard.checkAgain(request);
    if (outcome.why === 'ended') await this.gate.reached(request, ['calls'], outcome.below, catchUpMsMax);
    return this.reader.read(request, callIdText, null);
  }

  async #look(request: FastifyRequest, callIdText: string, minPosition: string | null | undefined): Promise<CallRow> {
    if (typeof minPosition === 'string') await this.gate.wait(request, minPosition, ['calls']);
    return this.reader.read(request, callIdText, null);
  }

  /** @returns undefined: too many requests wait already, or there is no such call */
  #begin({ keyId: own }: KeyEntry, callIdText: string, waitMs: number): Wait | undefined {
    const callId = parseCallId(callIdText);
    if (callId === undefined) return undefined;
    const line = this.registry.lineOf(own).map(({ keyId }) => keyId);
    return this.ends.begin(callId, line, durationMs(waitMs));
  }
}
