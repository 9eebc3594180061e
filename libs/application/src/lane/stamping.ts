import type { DomainCommand } from '@ringfence/domain/command';
import type { RateDecks } from '@ringfence/domain/billing/rating/rate-deck';
import type { Routes } from '@ringfence/domain/calls/call.commands';
import type { Actor, Presenter } from '@ringfence/domain/platform/values';
import type { EpochMs } from '@ringfence/kernel/units';
import { policyHashOf } from '../auth/policy-hash.js';
import type { Wish } from './command-dispatcher.js';

/** Reference data of the platform that decisions read, as of now. */
export type ReferenceData = { readonly rateDecks: RateDecks; readonly routes: Routes };

/** The command as the decider gets it. */
export function stamped(wish: Wish, nowMs: EpochMs, by: Presenter, reference: ReferenceData): DomainCommand {
  if (wish.type === 'PlaceCall') return { ...wish, nowMs, by, ...reference };
  if (wish.type === 'ChangeKeyPolicy') return { ...wish, nowMs, by, policyHashOf };
  return { ...wish, nowMs, by };
}

/** Who the events of an accepted command were issued by. */
export function actorOf(by: Presenter, keyVersion: number): Actor {
  switch (by.kind) {
    case 'key':
      return { kind: 'key', id: by.keyId, version: keyVersion };
    case 'worker':
      return { kind: 'worker', id: by.workerId, version: 0 };
    case 'operator':
      return { kind: 'operator', id: by.name, version: 0 };
    case 'timer':
      return timerActor;
  }
}

export const timerActor: Actor = { kind: 'timer', id: 'lane', version: 0 };
/** What a refusal leaves in the log is issued by the lane: a key that was turned down has brought nothing about. */
export const refusalActor: Actor = { ...timerActor };
