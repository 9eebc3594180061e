import { count, id, moment, text } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';

export const publishRateDeck = defineCommand<'PublishRateDeck'>({
  name: 'publish_rate_deck',
  version: 1,
  fields: {
    deckId: id('deck'),
    currency: text('currency'),
    rowCount: count,
    rowsSha256: text('sha256'),
    effectiveFromMs: moment,
  },
  allowedWhileDraining: false,
});
