import type { EventId, KeyId, SubjectId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Calendar } from './calendar.js';
import type { StampedTime } from './slow-stamps.js';

/** Modes of keys and calls. A test call reaches no real number and is billed in a book of its own. */
export const modes = ['live', 'test'] as const;
export type Mode = (typeof modes)[number];

/**
 * A personal value as the log holds it: its subject, and the value encrypted under that subject's data key
 * (AES-256-GCM, base64url of iv ‖ ciphertext ‖ tag). Erasing the subject makes it unreadable for ever.
 */
export type SealedText = { readonly subjectId: SubjectId; readonly ciphertext: string };

declare const isSecret: unique symbol;
/**
 * A secret that the platform itself has to read again, in the form of a sealed text. A type of its own, so that no
 * secret becomes a field that clients may read, and no personal value is taken for a secret.
 */
export type SealedSecret = SealedText & { readonly [isSecret]: true };

/** Declares that a sealed text holds a secret. */
export function asSecret(sealed: SealedText): SealedSecret {
  return sealed as SealedSecret;
}

/** A number in clear and sealed; the clear form never leaves the decision. */
export type PresentedNumber = {
  /** The number as the client wrote it; the decider says whether it is E.164. */
  readonly clear: string;
  readonly sealed: SealedText;
};

/** The kinds of issuers that this release writes. */
export const writtenActorKinds = ['key', 'worker', 'timer', 'operator'] as const;
/**
 * The kinds of issuers that this release reads: a later release writes `person` for someone who is signed in, and this
 * one can read its events already.
 */
export const actorKinds = [...writtenActorKinds, 'person'] as const;
/** The issuer of an event. `id`: the key's id, or the name of worker or timer; `version`: the key's version, else 0. */
export type Actor = {
  readonly kind: (typeof actorKinds)[number];
  readonly id: string;
  readonly version: number;
};

/** The key under whose authority an event happens, as it was when the call was placed. */
export type Authority = { readonly keyId: KeyId; readonly keyVersion: number; readonly policyHash: string };

/** Effects of a key's revocation on its live calls. */
export const revocationPolicies = ['hangup', 'drain'] as const;
export type OnRevoke = (typeof revocationPolicies)[number];

/** The id of the event that ordered a dial. The worker deduplicates by it, so that a call is dialled at most once. */
export type AttemptId = EventId;

/** The principal of a command. A key is looked up in its account's stream, or among the operators' keys. */
export type Principal =
  | { readonly kind: 'key'; readonly keyId: KeyId; readonly home: 'account' | 'platform' }
  | { readonly kind: 'worker'; readonly workerId: string }
  | { readonly kind: 'timer' }
  | { readonly kind: 'operator'; readonly name: string };

/** Metadata that the lane adds to every command: the time of the decision, and the principal. */
export type CommandMetadata = { readonly nowMs: EpochMs; readonly principal: Principal };

/**
 * Sent by the lane itself when `nextDueMs` may have come. Performs due actions, at most `dueActionsMax` at a time. A
 * call's timers follow the time really passed, even when timestamps advanced slowly.
 */
export type FireTimers = CommandMetadata & StampedTime & { readonly type: 'ActOnTime'; readonly calendar: Calendar };
export const dueActionsMax = 256;
