import { DatabaseZones } from '@ringfence/application/calendar/database-zones';
import { ianaCalendar } from '@ringfence/application/calendar/iana-calendar';
import type { KeyRegistry } from '@ringfence/application/auth/key-registry';
import { RequestIdentity } from '@ringfence/application/idempotency/request-identity';
import { type CommandDrafts, commandDrafts } from '@ringfence/application/public-commands/command-drafts';
import { KeyFinder } from '@ringfence/application/public-commands/key-finder';
import { SealedBodies } from '@ringfence/application/signed-commands/sealed-body';
import { SignatureCheck } from '@ringfence/application/signed-commands/signature-check';
import { SignedCommandVerifier } from '@ringfence/application/signed-commands/signed-command-door';
import { logThrottle } from '../telemetry/repeated-rarely.js';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';

/** What turns a client's request into a command, whichever way it comes. */
export type ClientCommands = {
  readonly registry: KeyRegistry;
  readonly identity: RequestIdentity;
  readonly keys: KeyFinder;
  readonly drafts: CommandDrafts;
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
  const drafts = commandDrafts({ vault, ids, hasher, keys, identity, calendar: ianaCalendar, zones });
  return { registry, identity, keys, drafts };
}

/** Where clients' own commands come in from the topic. */
export function signedCommandDoor(
  { openedLog, clock, store }: Foundation,
  { commandKeys, topics }: Cluster,
  { registry, identity, drafts }: ClientCommands,
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
    drafts,
    identity,
    topics,
    replyPartitions: laneCount,
  });
}
