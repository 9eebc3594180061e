import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.place_call;

export class PlaceCallBody {
  @BodyField(fields.from_number, { says: 'The caller number to show.', example: '+15005550100' })
  from_number!: string;

  @BodyField(fields.to_number, {
    says: 'The number to call. Sandbox numbers: docs/sandbox.md.',
    example: '+15005550000',
  })
  to_number!: string;

  @BodyField(fields.flow_url, {
    says: 'Where the platform will ask what to do once the call is answered. No call flow is run in this release: the address is kept, encrypted, and never requested.',
    example: 'https://example.com/flow',
  })
  flow_url!: string;

  @BodyField(fields.status_callback_url, {
    says: 'Where the platform will report what becomes of the call. No status callback is sent in this release.',
    example: 'https://example.com/status',
  })
  status_callback_url?: string | null;

  @BodyField(fields.record, {
    says: 'Whether to record the call. No call is recorded in this release: the answer says `false`, and a warning where `true` was sent.',
  })
  record?: boolean | null;
}
