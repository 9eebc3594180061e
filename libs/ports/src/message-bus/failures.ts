import { Failure } from '@ringfence/kernel/failure';

/** Failures that a bus may throw, whichever adapter it is. */
export const busFailures = {
  bus_unavailable: (cause: unknown) =>
    new Failure('bus_unavailable', 'The message bus cannot be reached.', true, { cause }),
  bus_closed: () => new Failure('bus_closed', 'The message bus has been closed.', false),
  bus_overloaded: () =>
    new Failure('bus_overloaded', 'Too much waits to be published already; try again in a moment.', true),
  message_too_large: (topic: string, bytes: number, bytesMax: number) =>
    new Failure(
      'message_too_large',
      `A message for ${topic} has ${String(bytes)} bytes; ${String(bytesMax)} are allowed. Nothing was published.`,
      false,
    ),
  batch_undecodable: (topic: string, partition: number, offset: bigint, reason: string) =>
    new Failure(
      'batch_undecodable',
      `${topic}, partition ${String(partition)}, offset ${String(offset)}: ${reason}. A reader stops here and never skips.`,
      false,
    ),
  topic_settings_wrong: (complaints: readonly string[]) =>
    new Failure('topic_settings_wrong', `Topics are not as they must be: ${complaints.join('; ')}.`, false),
} as const;
