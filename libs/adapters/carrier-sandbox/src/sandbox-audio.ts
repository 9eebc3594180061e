import type { OnDigit, PlaybackOutcome } from '@ringfence/domain/calls/call.events';
import type { ActionOutcome } from '@ringfence/domain/flows/flow-action';

/** Length of a sandbox action in simulated milliseconds, and how it ends; null: it lasts until the call ends. */
type SimulatedAudio = { readonly lastsMs: number; readonly outcome: Extract<ActionOutcome, 'completed' | 'failed'> };

const second = 1_000;
const charactersPerSecond = 15;
/** Length of a file whose name says nothing of it. */
const fileMsDefault = 5 * second;
const failed: SimulatedAudio = { lastsMs: 0, outcome: 'failed' };

/** The sandbox fetches no file: it plays silence as long as the name says, and 5 s otherwise. */
export function audioOfFile(mediaUrl: string, timesPlayed: number | null): SimulatedAudio | null {
  const name = lastNameOf(mediaUrl);
  return timesPlayed === null ? (isMissing(name) ? failed : null) : audioOfName(name, timesPlayed);
}

function audioOfName(name: string, timesPlayed: number): SimulatedAudio {
  if (isMissing(name)) return failed;
  return { lastsMs: timesPlayed * (secondsIn(name) ?? fileMsDefault), outcome: 'completed' };
}

/**
 * A playback: silence as of a file. Behind `-pressed-3s` in the name, the party presses a digit after 3 s, which ends a
 * playback that a digit stops.
 */
export function audioOfPlayback(
  mediaUrl: string,
  timesPlayed: number,
  onDigit: OnDigit,
): { readonly lastsMs: number; readonly outcome: PlaybackOutcome } {
  const [file = '', pressed] = lastNameOf(mediaUrl).split(/-pressed(?=-\d{1,4}s(?:\.|$))/);
  const audio = audioOfName(file, timesPlayed);
  const pressedMs = pressed === undefined ? null : secondsIn(pressed);
  if (onDigit === 'continue' || pressedMs === null || pressedMs >= audio.lastsMs) return audio;
  return { lastsMs: pressedMs, outcome: 'stopped' };
}

/** The sandbox does not speak: it is silent for a second per 15 characters, those begun counted. */
export function audioOfSpeech(text: string, timesSpoken: number | null): SimulatedAudio | null {
  if (timesSpoken === null) return null;
  return { lastsMs: timesSpoken * Math.ceil(text.length / charactersPerSecond) * second, outcome: 'completed' };
}

/** The sandbox opens no socket: a stream lasts until the call ends, unless its name says otherwise. */
export function audioOfStream(wsUrl: string): SimulatedAudio | null {
  const name = lastNameOf(wsUrl);
  if (/^refused\b/.test(name)) return failed;
  const lastsMs = secondsIn(name);
  return lastsMs === null ? null : { lastsMs, outcome: 'completed' };
}

function isMissing(name: string): boolean {
  return /^missing\b/.test(name);
}

function lastNameOf(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? '';
}

/** Milliseconds of a name such as `greeting-12s.mp3`; null: it says nothing. */
function secondsIn(name: string): number | null {
  const [, digits] = /-(\d{1,4})s(?:\.[A-Za-z0-9]+)?$/.exec(name) ?? [];
  return digits === undefined ? null : Number.parseInt(digits, 10) * second;
}
