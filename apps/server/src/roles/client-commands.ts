import { DatabaseZones } from '@ringfence/calendar/database-zones';
import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import type { KeyRegistry } from '@ringfence/auth/key-registry';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { type RequestBuilders, requestBuilders } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { SealedBodies } from '@ringfence/command-transport/signed-commands/sealed-body';
import { SignatureCheck } from '@ringfence/command-transport/signed-commands/signature-check';
import { SignedCommandVerifier } from '@ringfence/command-transport/signed-commands/signed-command-verifier';
import { logThrottle } from '../telemetry/log-throttle.js';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';

/** What turns a client's request into a command, whichever way it comes. */
export type ClientCommands = {
  readonly registry: KeyRegistry;
  readonly identity: RequestIdentity;
  readonly keys: KeyFinder;
  readonly requests: RequestBuilders;
};

export async function clientCommands(foundation: Foundation, registry: KeyRegistry): Promise<ClientCommands> {
  const { vault, ids, hasher, store, db, clock, log } = foundation;
  const identity = new RequestIdentity(await vault.durableKey('request_identity'));
  const keys = new KeyFinder(registry, store);
  const shouldLog = logThrottle(clock);
  const zones = new DatabaseZones(db, clock, (timeZone) => {
    if (shouldLog(timeZone))
      log.warn({ timeZone, zoneData: ianaCalendar.version }, 'the database reads a time zone otherwise');
  });
  const requests = requestBuilders({ vault, ids, hasher, keys, identity, calendar: ianaCalendar, zones });
  return { registry, identity, keys, requests };
}

/** Where clients' own commands come in from the topic. */
export function signedCommandDoor(
  { openedLog, clock, store }: Foundation,
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
