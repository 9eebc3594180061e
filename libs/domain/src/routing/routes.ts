/** A trunk that may take a call, as recorded in CallPlaced. */
export type RouteCandidate = { readonly trunk: string; readonly tier: 'premium' | 'standard'; readonly rank: number };

/** Trunks that can take calls of a mode, best first. */
export type Routes = { readonly live: readonly RouteCandidate[]; readonly test: readonly RouteCandidate[] };

/** The routes of this release: only the sandbox carries calls, so live calls have no route. */
export const sandboxRoutes: Routes = { live: [], test: [{ trunk: 'sandbox', tier: 'standard', rank: 1 }] };
