import { onDigitValues } from '@ringfence/domain/calls/call.events';
import { choice, endpointUrl, idText, wholeNumber } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { type PlainResult, textIn } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const playMedia = {
  name: 'play_media',
  commandType: 'PlayMedia',
  fields: {
    call_id: required(idText('cs'), 'The call.'),
    media_url: personal(
      required(endpointUrl, 'The file to play. It is heard over what the flow of the call does, which goes on.', {
        example: 'https://example.com/notice.mp3',
      }),
    ),
    leg_id: optional(idText('cl'), 'The leg whose party hears it; without it the first leg of the call.'),
    loop: optional(wholeNumber(1, 100), 'Number of times that the file is played, one after the other.', {
      default: 1,
    }),
    on_dtmf: optional(choice(onDigitValues), 'What a digit does that the party presses meanwhile.', {
      default: 'continue',
    }),
  },
  example: { media_url: 'https://example.com/notice.mp3' },
  answersSecret: false,
  route: { method: 'POST', path: '/voice/calls/:call_id/play' },
  result: ({ ids }: PlainResult): { readonly requestId: string; readonly playbackId: string } => ({
    requestId: textIn(ids, 'request_id'),
    playbackId: textIn(ids, 'playback_id'),
  }),
} as const satisfies PublicCommand;
