import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import type {
  AllocatedNumber,
  NumberEvent,
  NumberTarget,
  ReceivedNumber,
} from '@ringfence/domain/numbers/number.events';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import { idOfTarget } from '@ringfence/domain/numbers/number-assignment';
import type { NumberId } from '@ringfence/kernel/ids';
import { about, type ContextCatalogue, type EventFacts } from './context-catalogue.js';
import { type FieldsOf, id, listOf, moment, nullable, objectOf, oneOf, sealedText, text, variantsOf } from './shape.js';

const mode = oneOf(modes);
const ofNumber = { numberId: id('vn'), accountId: id('acc'), mode };
/** Fields of a number in the events of its allocation. */
export const allocatedNumber: FieldsOf<AllocatedNumber> = {
  ...ofNumber,
  number: sealedText,
  territory: nullable(text('country')),
  kind: oneOf(numberKinds),
  locality: nullable(text('label')),
  name: nullable(sealedText),
};

/** Fields of a number as its account receives it. */
export const receivedNumber: FieldsOf<ReceivedNumber> = { ...allocatedNumber, ownNumber: sealedText };
type TargetOf<Kind> = Extract<NumberTarget, { readonly kind: Kind }>;
/** The app or the trunk that a number is assigned to. */
export const numberTarget = variantsOf<NumberTarget>({
  voice_app: objectOf<TargetOf<'voice_app'>>({ kind: oneOf(['voice_app']), appId: id('va') }),
  sip_trunk: objectOf<TargetOf<'sip_trunk'>>({ kind: oneOf(['sip_trunk']), trunkId: id('st') }),
});
const someNumbers = { numberIds: listOf(id('vn')), accountId: id('acc'), mode };

export const numberCatalogue: ContextCatalogue<NumberEvent> = {
  NumberReceived: {
    name: 'number.received',
    version: 1,
    fields: { ...receivedNumber, receivedAtMs: moment },
    facts: aboutNumber,
  },
  NumberRenamed: {
    name: 'number.renamed',
    version: 1,
    fields: { numberId: id('vn'), mode, name: sealedText, renamedAtMs: moment },
    facts: aboutNumber,
  },
  NumbersAssigned: {
    name: 'number.assigned',
    version: 1,
    fields: { ...someNumbers, target: numberTarget, assignedAtMs: moment },
    facts: ({ target, mode: ofTarget }) => about(idOfTarget(target), ofTarget),
  },
  NumbersUnassigned: {
    name: 'number.unassigned',
    version: 1,
    fields: { ...someNumbers, unassignedAtMs: moment },
    facts: ({ accountId, mode: ofNumbers }) => about(accountId, ofNumbers),
  },
  NumberWithdrawn: {
    name: 'number.withdrawn',
    version: 1,
    fields: { ...ofNumber, unassignedFrom: nullable(numberTarget), withdrawnAtMs: moment },
    facts: aboutNumber,
  },
};

export function aboutNumber(event: { readonly numberId: NumberId; readonly mode: Mode }): EventFacts {
  return about(event.numberId, event.mode);
}
