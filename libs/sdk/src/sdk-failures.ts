import { Failure } from '@ringfence/kernel/failure';

/** Failures of the SDK itself; a command's outcome is never a failure. */
export const sdkFailures = {
  node_unfit: (why: string) => new Failure('node_unfit', `Kafka cannot be spoken to: ${why}.`, false),
  options_wrong: (what: string) => new Failure('options_wrong', what, false),
  command_field_invalid: (field: string, wanted: string) =>
    new Failure('command_field_invalid', `${field} ${wanted}. Nothing was sent.`, false),
  platform_keys_unreadable: (what: string) =>
    new Failure('platform_keys_unreadable', `What the platform publishes of its keys cannot be read: ${what}.`, false),
  platform_unreachable: (url: string, why: string, cause?: unknown) =>
    new Failure('platform_unreachable', `No platform answers at ${url}: ${why}.`, true, { cause }),
  answer_unreadable: (what: string) =>
    new Failure('answer_unreadable', `The platform’s answer cannot be read: ${what}.`, false),
  call_not_ended: (callId: string) => new Failure('call_not_ended', `The call ${callId} has not ended in time.`, true),
  client_closed: () => new Failure('client_closed', 'The client has been closed.', false),
  checkpoints_unreadable: (path: string, cause: unknown) =>
    new Failure(
      'checkpoints_unreadable',
      `${path} holds no checkpoints of this form: restore it from a backup, or remove it to start over.`,
      false,
      { cause },
    ),
  checkpoint_of_other_topic: (topic: string, partition: number) =>
    new Failure(
      'checkpoint_of_other_topic',
      `The checkpoint of ${topic}, partition ${String(partition)}, lies beyond the topic’s end: the topic was recreated. Start over with other checkpoints.`,
      false,
    ),
} as const;
