import type { PlatformEvent } from '@ringfence/domain/platform/platform.events';
import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import { platformStream } from '@ringfence/kernel/ids';
import { about, type ContextCatalogue, type EventFacts } from './context-catalogue.js';
import { count, id, moment, nullable, oneOf, text } from './shape.js';

export const platformCatalogue: ContextCatalogue<PlatformEvent> = {
  LogOpened: {
    name: 'platform.log_opened',
    version: 1,
    fields: { logId: id('log'), laneCount: count, openedAtMs: moment },
    facts: aboutPlatform,
  },
  RateDeckPublished: {
    name: 'platform.rate_deck_published',
    version: 1,
    fields: {
      deckId: id('deck'),
      deckVersion: count,
      currency: text('currency'),
      rowCount: count,
      rowsSha256: text('sha256'),
      effectiveFromMs: moment,
    },
    facts: aboutPlatform,
  },
  NumberRangeOpened: {
    name: 'platform.number_range_opened',
    version: 1,
    fields: {
      prefix: text('prefixDigits'),
      territory: nullable(text('country')),
      kind: oneOf(numberKinds),
      effectiveFromMs: moment,
      effectiveUntilMs: nullable(moment),
      openedAtMs: moment,
    },
    facts: aboutPlatform,
  },
};

function aboutPlatform(): EventFacts {
  return about(platformStream, 'live');
}
