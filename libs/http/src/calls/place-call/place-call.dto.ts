import { publicCommands } from '@ringfence/messaging/public-commands';
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
    says: 'Where the platform asks what to do once the call is answered.',
    example: 'https://example.com/flow',
  })
  flow_url!: string;

  @BodyField(fields.status_callback_url, {
    says: 'Where the platform reports what becomes of the call.',
    example: 'https://example.com/status',
  })
  status_callback_url?: string | null;

  @BodyField(fields.record, { says: 'Whether to record the call.', otherwise: true })
  record?: boolean | null;
}
