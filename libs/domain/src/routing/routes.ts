/** A trunk that may take a call, as the event of its placing keeps it. */
export type RouteCandidate = { readonly trunk: string; readonly tier: 'premium' | 'standard'; readonly rank: number };

/** Trunks that can take calls of a mode, best first. */
export type Routes = { readonly live: readonly RouteCandidate[]; readonly test: readonly RouteCandidate[] };

/** Only the sandbox carries calls in this release: a live call has no route. */
export const sandboxRoutes: Routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }] };
