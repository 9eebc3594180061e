import { E164Number, Flag, WebUrl } from '../../edge/fields.js';

export class PlaceCallBody {
  @E164Number({ says: 'The caller number to show.', example: '+15005550100', required: true })
  from_number!: string;

  @E164Number({
    says: 'The number to call. Sandbox numbers: docs/sandbox.md.',
    example: '+15005550000',
    required: true,
  })
  to_number!: string;

  @WebUrl({
    says: 'Where the platform asks what to do once the call is answered.',
    example: 'https://example.com/flow',
    required: true,
  })
  flow_url!: string;

  @WebUrl({ says: 'Where the platform reports what becomes of the call.', example: 'https://example.com/status' })
  status_callback_url?: string | null;

  @Flag({ says: 'Whether to record the call.', otherwise: true })
  record?: boolean | null;
}
