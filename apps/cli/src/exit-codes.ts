/** Exit codes of `ringfence`. 0: done; 1: refused by the server, or failed; 2: the command line itself is wrong. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
