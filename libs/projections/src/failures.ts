import { Failure } from '@ringfence/kernel/failure';

/** The failures of this library. */
export const projectionFailures = {
  projection_stopped: (name: string, position: number, cause: unknown) =>
    new Failure(
      'projection_stopped',
      `Projection ${name} cannot go on at position ${String(position)}: ${reasonOf(cause)}`,
      false,
      { cause },
    ),
  projection_superseded: (name: string, version: number) =>
    new Failure(
      'projection_superseded',
      `The rows of ${name} have version ${String(version)} now: another release owns them.`,
      false,
    ),
  rebuild_superseded: (name: string) =>
    new Failure('rebuild_superseded', `A later rebuild of ${name} has begun; this one gave way.`, false),
  projection_uneven: (name: string) =>
    new Failure(
      'projection_uneven',
      `Some partitions of ${name} are ahead of others: its rows are those of no one position. Retry when they are level.`,
      true,
    ),
  projection_unknown: (name: string) => new Failure('projection_unknown', `There is no projection ${name}.`, false),
} as const;

/** A failure's text without its parameters: an event's values can be personal. */
export function reasonOf(failure: unknown): string {
  if (failure instanceof Failure) return failure.code;
  if (!(failure instanceof Error)) return 'something that is no error was thrown';
  const code = 'code' in failure && typeof failure.code === 'string' ? ` ${failure.code}` : '';
  return `${failure.name}${code}: ${failure.message.slice(0, 200)}`;
}
