import { Failure } from '@ringfence/kernel/failure';

/**
 * The failures of this library. None is retryable: the same bytes, or the same event, fail again. `field` is a dotted
 * path; a value is never part of a message, because it may be personal.
 */
export const catalogFailures = {
  event_field_invalid: (field: string, wanted: string) =>
    new Failure('event_field_invalid', `${field} must be ${wanted}`, false),
  event_too_large: (bytes: number, bytesMax: number) =>
    new Failure(
      'event_too_large',
      `an event is at most ${String(bytesMax)} bytes long, this one has ${String(bytes)}`,
      false,
    ),
  event_malformed: (what: string) => new Failure('event_malformed', `these bytes are no event: ${what}`, false),
  event_type_unknown: (type: string) =>
    new Failure(
      'event_type_unknown',
      `this release does not know the event type ${type}; a reader stops here and never skips`,
      false,
    ),
  event_version_unknown: (type: string, versionMax: number) =>
    new Failure(
      'event_version_unknown',
      `this release reads this event type up to version ${String(versionMax)}, not ${type}; a reader stops here and never skips`,
      false,
    ),
  event_misfiled: (field: string) =>
    new Failure('event_misfiled', `the log files this event under another ${field} than its bytes say`, false),
  text_not_interchangeable: () =>
    new Failure('text_not_interchangeable', 'text must be valid Unicode without U+0000', false),
} as const;

const causesMax = 8;

/**
 * Says whether an operation failed because a newer release has written something that this one does not know, also as
 * the cause of another error.
 */
export function isOfNewerRelease(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < causesMax && cause instanceof Error; depth += 1) {
    if (cause instanceof Failure && (cause.code === 'event_type_unknown' || cause.code === 'event_version_unknown'))
      return true;
    ({ cause } = cause);
  }
  return false;
}
