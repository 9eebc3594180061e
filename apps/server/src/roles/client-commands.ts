import { DatabaseZones } from '@ringfence/calendar/database-zones';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import type { KeyRegistry } from '@ringfence/auth/key-registry';
import type { EventSource } from '@ringfence/projections/event-source';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { type RequestBuilders, requestBuilders } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { SealedBodies } from '@ringfence/command-transport/signed-commands/sealed-body';
import { SignatureCheck } from '@ringfence/command-transport/signed-commands/signature-check';
import { SignedCommandVerifier } from '@ringfence/command-transport/signed-commands/signed-command-verifier';
import { logThrottle } from '../telemetry/log-throttle.js';
import type { Needs } from '../server-process.js';
import type { Cluster } from '../cluster.js';
import { startRegistry } from './registry.js';

/** The parts that turn a client's request into a command, over HTTP or from a topic. */
export type ClientCommands = {
  readonly registry: KeyRegistry;
  readonly identity: RequestIdentity;
  readonly keys: KeyFinder;
  readonly requests: RequestBuilders;
};

/** @param source the feed from which the key registry follows the log. @throws Failure `pepper_in_use` */
export async function startClientCommands(
  process: Needs<'vault' | 'ids' | 'hasher' | 'peppers' | 'store' | 'db' | 'knownKeys' | 'clock' | 'log' | 'undo'>,
  source: EventSource,
): Promise<ClientCommands> {
  const { vault, ids, hasher, store, db, clock, log } = process;
  const registry = await startRegistry(process, source);
  const identity = new RequestIdentity(await vault.durableKey('request_identity'));
  const keys = new KeyFinder(registry, store);
  const shouldLog = logThrottle(clock);
  const zones = new DatabaseZones(db, clock, (timeZone) => {
    if (shouldLog(timeZone)) log.event('time_zone_mismatch', { timeZone, zoneData: ianaCalendar.version });
  });
  const requests = requestBuilders({ vault, ids, hasher, keys, identity, calendar: ianaCalendar, zones });
  return { registry, identity, keys, requests };
}

/** Verifies the commands that clients publish to a topic. */
export function signedCommandVerifier(
  { openedLog, clock, store }: Needs<'openedLog' | 'clock' | 'store'>,
  { commandKeys, topics }: Cluster,
  { registry, identity, requests }: ClientCommands,
): SignedCommandVerifier {
  const { logId, laneCount } = openedLog;
  const signatures = new SignatureCheck(registry);
  const bodies = new SealedBodies(commandKeys);
  return new SignedCommandVerifier({
    logId,
    clock,
    store,
    signatures,
    bodies,
    requests,
    identity,
    topics,
    replyPartitions: laneCount,
  });
}
