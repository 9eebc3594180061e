import type { ActionOutcome } from '@ringfence/domain/flows/flow-action';
import type { GatherOrder } from '@ringfence/ports/carrier/carrier';
import { audioOfFile, audioOfSpeech } from './sandbox-audio.js';

/** The first key comes so long after the gather has begun, and each further one so long after the one before. */
const keyEveryMs = 1_000;

/** The end of a gather; times in simulated milliseconds from its beginning. */
type SimulatedGather = {
  readonly lastsMs: number;
  readonly outcome: Extract<ActionOutcome, 'completed' | 'failed' | 'no_input'>;
  readonly digits?: string;
};

/**
 * The end of a gather at which the party presses these keys, one a second, from the beginning or, where prompts cannot
 * be interrupted, from their end.
 * @returns null: it lasts until the call ends
 */
export function gatherWith(
  keys: string,
  { prompts, timeoutMs, digitsMax, finishOnKey, bargeIn }: GatherOrder,
): SimulatedGather | null {
  const audio = prompts.map((prompt) => {
    if (prompt.kind === 'pause') return { lastsMs: prompt.lengthMs, outcome: 'completed' } as const;
    return prompt.kind === 'say'
      ? audioOfSpeech(prompt.text, prompt.timesSpoken)
      : audioOfFile(prompt.mediaUrl, prompt.timesPlayed);
  });
  if (audio.some((each) => each?.outcome === 'failed')) return { lastsMs: 0, outcome: 'failed' };
  const endless = audio.includes(null);
  const promptsMs = audio.reduce((sum, each) => sum + (each?.lastsMs ?? 0), 0);
  if (endless && (keys === '' || !bargeIn)) return null;
  const keysFromMs = bargeIn ? 0 : promptsMs;
  let digits = '';
  let untilMs = promptsMs + timeoutMs;
  for (const [at, key] of Array.from(keys).entries()) {
    const pressedAtMs = keysFromMs + (at + 1) * keyEveryMs;
    if (pressedAtMs >= untilMs && !endless) break;
    if (key === finishOnKey) return ended(digits, pressedAtMs);
    digits += key;
    if (digits.length === digitsMax) return ended(digits, pressedAtMs);
    untilMs = pressedAtMs + timeoutMs;
  }
  return ended(digits, untilMs);
}

function ended(digits: string, lastsMs: number): SimulatedGather {
  return digits === '' ? { lastsMs, outcome: 'no_input' } : { lastsMs, outcome: 'completed', digits };
}
