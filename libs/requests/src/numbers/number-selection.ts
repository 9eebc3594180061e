import type { NumberSelection } from '@ringfence/domain/numbers/number.commands';
import type { NumberTarget } from '@ringfence/domain/numbers/number.events';
import { parseSipTrunkId, parseVoiceAppId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { CommandBody } from '@ringfence/wire/public-commands';
import { InvalidField } from '../command-request.js';
import { numbersIn } from './number-of.js';

/** The numbers that a checked body names. @throws InvalidField: it names none, or some in two ways */
export function selectionIn(body: CommandBody<'unassign_numbers'>): NumberSelection {
  const { apply_to_all: all, location, voice_app: apps, sip_trunk: trunks } = body;
  const numberIds = numbersIn(body.vn_ids);
  if (all === true) {
    if (numberIds.length > 0) throw new InvalidField(['vn_ids'], 'exclusive', 'is left out with apply_to_all');
    const assignedTo = [...(apps ?? []).map(targetApp), ...(trunks ?? []).map(targetTrunk)];
    const isConditional = isGiven(apps) || isGiven(trunks);
    return { kind: 'all', territories: location ?? null, assignedTo: isConditional ? assignedTo : null };
  }
  for (const [name, values] of Object.entries({ location, voice_app: apps, sip_trunk: trunks }))
    if (isGiven(values))
      throw new InvalidField([name], 'exclusive', 'is a condition of apply_to_all, which is not set');
  if (numberIds.length === 0)
    throw new InvalidField(['vn_ids'], 'required', 'is needed, or apply_to_all, to say which numbers are meant');
  return { kind: 'listed', numberIds };
}

/** The app or the trunk that a checked body names. @throws InvalidField: it names neither, or both */
export function targetIn({ voice_app_id, sip_trunk_id }: CommandBody<'assign_numbers'>): NumberTarget {
  if (typeof voice_app_id === 'string' && typeof sip_trunk_id === 'string')
    throw new InvalidField(['sip_trunk_id'], 'exclusive', 'is left out with voice_app_id: a number has one of them');
  if (typeof voice_app_id === 'string') return targetApp(voice_app_id);
  if (typeof sip_trunk_id === 'string') return targetTrunk(sip_trunk_id);
  throw new InvalidField(['voice_app_id'], 'required', 'is needed, or sip_trunk_id');
}

function isGiven(values: readonly string[] | null | undefined): boolean {
  return values !== null && values !== undefined;
}

function targetApp(text: string): NumberTarget {
  const appId = parseVoiceAppId(text);
  invariant(appId !== undefined, 'the fields of the body were checked');
  return { kind: 'voice_app', appId };
}

function targetTrunk(text: string): NumberTarget {
  const trunkId = parseSipTrunkId(text);
  invariant(trunkId !== undefined, 'the fields of the body were checked');
  return { kind: 'sip_trunk', trunkId };
}
