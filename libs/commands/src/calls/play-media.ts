import { onDigitValues } from '@ringfence/domain/calls/call.events';
import { count, id, nullable, oneOf, sealedText } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

export const playMedia = defineCommand<'PlayMedia'>({
  name: 'play_media',
  version: 1,
  fields: {
    ...callFields,
    legId: nullable(id('cl')),
    operationId: id('op'),
    mediaUrl: sealedText,
    timesPlayed: count,
    onDigit: oneOf(onDigitValues),
  },
  allowedWhileDraining: false,
});
