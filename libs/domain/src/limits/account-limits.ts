/**
 * What one account may do in each mode beside what its keys may: its share of the platform, so generous that only a flood meets it. Live and test
 * calls are counted apart, so that a sandbox under test never takes a live line. The same for every account until approval levels exist.
 * An account has no daily spend of its own: its balance is paid in advance.
 */
export const accountLimits = {
  callsPerSecond: 10_000,
  burstCalls: 10_000,
  linesMax: 100_000,
} as const;
