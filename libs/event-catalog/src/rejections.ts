import { type RejectionEvent, rejectionCodes } from '@ringfence/domain/rejections/rejection.events';
import { type KeyId, platformStream } from '@ringfence/kernel/ids';
import { about, type ContextCatalogue, type EventFacts, type StateAround } from './context-catalogue.js';
import { fewerWords } from './catalogue.js';
import { count, id, moment, nullable, oneOf, text } from './shape.js';

export const rejectionCatalogue: ContextCatalogue<RejectionEvent> = {
  CommandTurnedAway: {
    name: 'audit.command_turned_away',
    version: 3,
    fields: {
      presentedKeyId: nullable(id('key')),
      code: oneOf(rejectionCodes),
      commandType: nullable(text('commandName')),
      count,
      turnedAwayAtMs: moment,
    },
    // Each represented one command, before gateways reported their rejections.
    upcasters: [(data) => ({ ...data, count: 1 }), fewerWords],
    facts: aboutPresentedKey,
  },
  CommandsTurnedAwayCounted: {
    name: 'audit.commands_turned_away_counted',
    version: 3,
    fields: {
      presentedKeyId: nullable(id('key')),
      code: oneOf(rejectionCodes),
      secondStartMs: moment,
      count,
      countedAtMs: moment,
    },
    upcasters: [fewerWords, fewerWords],
    facts: aboutPresentedKey,
  },
};

/**
 * Facts about the key if it belongs to the account, otherwise about the account: keys of other accounts have their own
 * histories.
 */
function aboutPresentedKey(
  { presentedKeyId }: { readonly presentedKeyId: KeyId | null },
  { after }: StateAround,
): EventFacts {
  const key = presentedKeyId === null ? undefined : after?.keys.get(presentedKeyId)?.key;
  const home = after === null || after.standing.status === 'unopened' ? platformStream : after.standing.accountId;
  return { ...about(key?.keyId ?? home, key?.mode ?? 'live'), presentedKeyId };
}
