import { setTimeout as sleep } from 'node:timers/promises';
import { busFailures } from '@ringfence/ports/message-bus/failures';

/** Deadline for answers of the Kafka client. */
export const answerMsMax = 10_000;

/** @throws Failure `bus_unavailable` (retryable) when it takes longer */
export async function withTimeout<Answer>(answer: Promise<Answer>, ms: number): Promise<Answer> {
  const answered = new AbortController();
  const late = sleep(ms, undefined, { signal: answered.signal }).then(() => {
    throw busFailures.bus_unavailable(new Error(`the client has not answered for ${String(ms)} ms`));
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}
