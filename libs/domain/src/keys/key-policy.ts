import type { OnRevoke, SealedText } from '../shared/values.js';
import type { EpochMs, Micros } from '@ringfence/kernel/units';
import type { Scope } from '../shared/scopes.js';

/** The bounds of a key. `null` means: no limit of the key's own; the account's limits apply in any case. */
export type KeyPolicy = {
  readonly scopes: readonly Scope[];
  /** Sustained rate of new calls per second; 1–10 000. */
  readonly callsPerSecond: number;
  /** Number of calls that may be placed at once after a pause; 1–10 000. */
  readonly burstCalls: number;
  /** Concurrent calls; 0–100 000. */
  readonly linesMax: number;
  /** Money that calls may cost per local day of the account, reservations included. */
  readonly dailySpendMicrosMax: Micros | null;
  /** Territories (`US`) and digits (`44`, `+4420`) that the key may call; `null`: everything that is not costly. */
  readonly destinationPrefixes: readonly string[] | null;
  /** The only numbers that the key may show as caller, compared by subject; `null`: any. */
  readonly callerNumbers: readonly SealedText[] | null;
  /** CIDR blocks that requests must come from; `null`: anywhere. */
  readonly sourceCidrs: readonly string[] | null;
  readonly expiresAtMs: EpochMs | null;
  readonly onRevoke: OnRevoke;
  /** Lifetime cap on accepted calls; `null`: none. */
  readonly callsMax: number | null;
  /** Lifetime cap on minutes of talk time; the authorised time of a live call counts as used. */
  readonly minutesMax: number | null;
  /** Lifetime cap on the cost of calls, reservations included. */
  readonly spendMicrosMax: Micros | null;
  /** `[a-z0-9][a-z0-9._-]{0,62}`: labels in clear, without personal data. */
  readonly project: string;
  readonly application: string;
};

/** The optional bounds of a policy, none of them set. */
export const noBounds = {
  dailySpendMicrosMax: null,
  destinationPrefixes: null,
  callerNumbers: null,
  sourceCidrs: null,
  expiresAtMs: null,
  callsMax: null,
  minutesMax: null,
  spendMicrosMax: null,
} as const;

/** The fields to change; an omitted field keeps the value that it has when the change is decided. */
export type PolicyChange = Partial<KeyPolicy>;

export function changedPolicy(policy: KeyPolicy, change: PolicyChange): KeyPolicy {
  return { ...policy, ...change };
}
