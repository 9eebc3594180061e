import { Inject, Injectable } from '@nestjs/common';
import { KeyRegistry } from '@ringfence/application/auth/key-registry';
import { durationMs } from '@ringfence/kernel/units';
import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import type { FastifyRequest } from 'fastify';
import { AccessGuard, callerOf } from '../edge/access.js';
import { atRest } from '../edge/read-bounds.js';
import { catchUpMsMax, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { CallEnds, waitsPerKeyMax } from './call-ends.js';
import { CallReader } from './call-reader.js';

/** Reads a call when it has ended. */
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
   * @param waitMs after that long the call is answered as it stands
   * @throws HttpProblem as `CallReader.read`; `too_many_waiting`; `key_not_accepted` when the key was revoked meanwhile
   */
  async read(
    request: FastifyRequest,
    callIdText: string,
    minPosition: string | null | undefined,
    waitMs: number,
  ): Promise<CallRow> {
    const { callId, endedAtMs } = await this.reader.read(request, callIdText, minPosition);
    const line = this.registry.lineOf(callerOf(request).entry.keyId).map(({ keyId }) => keyId);
    const wait = endedAtMs === null ? this.ends.begin(callId, line, durationMs(waitMs)) : null;
    if (wait === undefined)
      throw edgeProblem('too_many_waiting', `a key waits for the ends of ${String(waitsPerKeyMax)} calls at most`);
    // It may have ended between the look and the beginning of the wait.
    const now = await this.reader.read(request, callIdText, null);
    if (wait === null || now.endedAtMs !== null) {
      wait?.cancel();
      return now;
    }
    const outcome = await atRest(request, (gone) => {
      gone?.addEventListener('abort', wait.cancel, { once: true });
      return wait.outcome;
    });
    if (outcome.why === 'abandoned') return now;
    if (outcome.why === 'key_revoked') throw edgeProblem('key_not_accepted', 'the key was revoked');
    // Whatever ended the wait: the key, or one above it, may have expired.
    this.guard.checkAgain(request);
    if (outcome.why === 'ended') await this.gate.reached(request, ['calls'], outcome.below, catchUpMsMax);
    return this.reader.read(request, callIdText, null);
  }
}
