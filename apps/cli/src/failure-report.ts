import type { Failure } from '@ringfence/kernel/failure';
import { type ExitCode, exitCodes } from './exit-codes.js';

/** Writes a failure to standard error: a line, or with `--json` an object. */
export function reportFailure(
  { code, message, retryable }: Pick<Failure, 'code' | 'message' | 'retryable'>,
  argv: readonly string[],
  err: { readonly write: (text: string) => unknown },
): ExitCode {
  err.write(
    argv.includes('--json')
      ? `${JSON.stringify({ error: { code, message, retryable } })}\n`
      : `ringfence: ${message} (${code})\n`,
  );
  return code === 'usage' ? exitCodes.usage : exitCodes.failed;
}
