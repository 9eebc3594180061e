import { platformStream } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import { InvalidField, type RequestBuilder } from '../command-request.js';
import { checkTerritory } from './territory.js';

export const requestOpenNumberRange: RequestBuilder<'open_number_range'> = (body, { stream }) => {
  if (stream !== platformStream) throw new InvalidField(['subject'], 'platform', 'is `platform`');
  const { prefix, kind } = body;
  const territory = body.territory ?? null;
  if (territory !== null) checkTerritory(territory, ['territory']);
  return {
    stream,
    payload: {
      type: 'OpenNumberRange',
      prefix,
      territory,
      kind,
      effectiveFromMs: momentIn(body.effective_from),
      effectiveUntilMs: momentIn(body.effective_until),
    },
    fields: {
      prefix,
      territory,
      kind,
      effective_from: body.effective_from ?? null,
      effective_until: body.effective_until ?? null,
    },
    result: { prefix },
    secret: null,
  };
};

function momentIn(text: string | null | undefined): EpochMs | null {
  return text === undefined || text === null ? null : epochMs(Date.parse(text));
}
