import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import type { AllocatedNumber, NumberEvent } from '@ringfence/domain/numbers/number.events';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import type { NumberId } from '@ringfence/kernel/ids';
import { about, type ContextCatalogue, type EventFacts } from './context-catalogue.js';
import { type FieldsOf, id, moment, nullable, oneOf, sealedText, text } from './shape.js';

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

export const numberCatalogue: ContextCatalogue<NumberEvent> = {
  NumberReceived: {
    name: 'number.received',
    version: 1,
    fields: { ...allocatedNumber, receivedAtMs: moment },
    facts: aboutNumber,
  },
  NumberRenamed: {
    name: 'number.renamed',
    version: 1,
    fields: { numberId: id('vn'), mode, name: sealedText, renamedAtMs: moment },
    facts: aboutNumber,
  },
  NumberWithdrawn: {
    name: 'number.withdrawn',
    version: 1,
    fields: { ...ofNumber, withdrawnAtMs: moment },
    facts: aboutNumber,
  },
};

export function aboutNumber(event: { readonly numberId: NumberId; readonly mode: Mode }): EventFacts {
  return about(event.numberId, event.mode);
}
