/** The entry for backend services: commands with one outcome each, over Kafka or HTTP, and events with checkpoints. */
export { Failure } from '@ringfence/kernel/failure';
export type { CommandBody, PublicCommandName } from '@ringfence/wire/public-commands';
export type { Call, CallCharge, CallRate, CallState } from './calls/call.js';
export type { CallFilter, CallPage, CallReads, UntilEndedOptions } from './calls/call-reads.js';
export {
  type ClientOptions,
  type EventsOptions,
  type KafkaOptions,
  RingfenceClient,
  type SendOptions,
} from './client.js';
export type { SigningKey } from './commands/command-signer.js';
export type { HttpConnection } from './commands/http-commands.js';
export type { Checkpoint, CheckpointStore } from './events/checkpoint.js';
export type { EventConsumer, RingfenceEvent } from './events/event-consumer.js';
export { FileCheckpoints } from './events/file-checkpoints.js';
export { MemoryCheckpoints } from './events/memory-checkpoints.js';
export { fetchPlatformKeys } from './fetched-platform-keys.js';
export type { Accepted, CommandResults, Outcome, Refused, ResultOf, Unknown } from './outcome.js';
export { type PlatformKeys, readPlatformKeys } from './platform-keys.js';
export type { RetryPolicy } from './retry.js';
