import { boolean, e164Number, endpointUrl, webUrl } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { type PlainResult, textIn, warningsIn, type WithWarnings } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const placeCall = {
  name: 'place_call',
  commandType: 'PlaceCall',
  fields: {
    from_number: personal(required(e164Number, 'The caller number to show.', { example: '+15005550100' })),
    to_number: personal(
      required(e164Number, 'The number to call. Sandbox numbers: docs/sandbox.md.', { example: '+15005550000' }),
    ),
    flow_url: personal(
      optional(
        endpointUrl,
        'Where the platform asks what to do once the call is answered: docs/flows.md. A call without it runs no flow: nothing is played, and it lasts until a party hangs up.',
        { example: 'https://example.com/flow' },
      ),
    ),
    status_callback_url: personal(
      optional(webUrl, 'Where the platform reports what becomes of the call: docs/webhooks.md.', {
        example: 'https://example.com/status',
      }),
    ),
    record: optional(
      boolean,
      'Whether to record the call. No call is recorded in this release: the answer says `false`, and a warning where `true` was sent.',
    ),
  },
  example: {
    from_number: '+15005550100',
    to_number: '+15005550000',
  },
  answersSecret: false,
  route: { method: 'POST', path: '/voice/calls/initiate' },
  result: ({ ids }: PlainResult): { readonly callId: string } & WithWarnings => ({
    callId: textIn(ids, 'call_id'),
    warnings: warningsIn(ids),
  }),
} as const satisfies PublicCommand;
