/** The numbers called in the story, and how each of those calls ends (docs/sandbox.md). */
export type ScenarioCall = {
  readonly what: string;
  readonly to: string;
  readonly calls: number;
  /** The way the call ends by itself; null: it lasts until it is hung up. */
  readonly ends: { readonly state: 'completed' | 'failed'; readonly reason: string } | null;
};

export const cast: readonly ScenarioCall[] = [
  {
    what: 'answered, 10 s of talk',
    to: '+15005550000',
    calls: 8,
    ends: { state: 'completed', reason: 'callee_hangup' },
  },
  { what: 'busy', to: '+15005550003', calls: 4, ends: { state: 'failed', reason: 'busy' } },
  { what: 'no answer', to: '+15005550004', calls: 3, ends: { state: 'failed', reason: 'no_answer' } },
  { what: 'carrier failure', to: '+15005550005', calls: 2, ends: { state: 'failed', reason: 'carrier_failure' } },
  { what: 'answered, talks until hung up', to: '+15005551001', calls: 3, ends: null },
];

export const callsInAll = cast.reduce((sum, role) => sum + role.calls, 0);
export const caller = '+15005550100';
export const application = 'support-bot';
const project = 'demo';

/** Policy of the demo key: the burst covers all calls of the story; after that, two a second. */
export const demoPolicy = {
  calls_per_second: 2,
  burst_calls: callsInAll,
  lines_max: 50,
  on_revoke: 'hangup',
  project,
  application,
} as const;
