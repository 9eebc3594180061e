import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, InvalidField, type RequestBuilder, sentFields } from '../command-request.js';
import { sipTrunkIdIn, trunkChange } from './trunk-settings.js';

/** @throws InvalidField: nothing is to be changed; as `trunkChange` */
export const requestChangeSipTrunk: RequestBuilder<'change_sip_trunk', 'vault'> = async (
  body,
  { stream },
  { vault },
) => {
  const accountId = accountOfStream(stream);
  const trunkId = sipTrunkIdIn(body.sip_trunk_id);
  const change = await trunkChange(body, trunkId, vault, accountId);
  if (Object.keys(change).length === 0)
    throw new InvalidField(['name'], 'required', 'is needed, or another setting to change');
  return {
    stream,
    payload: { type: 'ChangeSipTrunk', accountId, trunkId, change },
    fields: sentFields(body),
    result: { sip_trunk_id: trunkId, warnings: warningsFor('change_sip_trunk', body) },
    secret: null,
  };
};
