import type { OnRevoke, SealedText } from '../shared/values.js';
import type { EpochMs, Micros } from '@ringfence/kernel/units';
import type { Scope } from '../shared/scopes.js';

/** Least privilege, written down. `null` means: no limit of the key's own (the account's limits hold all the same). */
export type KeyPolicy = {
  readonly scopes: readonly Scope[];
  /** New calls a second in the long run; 1–10 000. */
  readonly callsPerSecond: number;
  /** Number of calls that may come at once after a rest; 1–10 000. */
  readonly burstCalls: number;
  /** Concurrent calls; 0–100 000. */
  readonly linesMax: number;
  /** Money that calls may cost in one local day of the account, reservations included. */
  readonly dailySpendMicrosMax: Micros | null;
  /** Territories (`US`) and digits (`44`, `+4420`) that it may call; `null`: everything that is not costly. */
  readonly destinationPrefixes: readonly string[] | null;
  /** The only numbers it may show as caller; compared by subject. `null`: any. */
  readonly callerNumbers: readonly SealedText[] | null;
  /** CIDR blocks that requests must come from; `null`: anywhere. */
  readonly sourceCidrs: readonly string[] | null;
  readonly expiresAtMs: EpochMs | null;
  readonly onRevoke: OnRevoke;
  /** Calls that it may place in its whole life, accepted ones counted; `null`: any number. */
  readonly callsMax: number | null;
  /** Minutes that its calls may talk in its whole life; what a live call is authorised for counts as talked. */
  readonly minutesMax: number | null;
  /** Money that its calls may cost in its whole life, reservations included. */
  readonly spendMicrosMax: Micros | null;
  /** `[a-z0-9][a-z0-9._-]{0,62}`: clear labels, no personal data. */
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

/** The fields to change and no others: a field that is not named stays as it is when the change is decided. */
export type PolicyChange = Partial<KeyPolicy>;

export function changedPolicy(policy: KeyPolicy, change: PolicyChange): KeyPolicy {
  return { ...policy, ...change };
}
