import type { NumberSelection } from '@ringfence/domain/numbers/number.commands';
import type { NumberTarget } from '@ringfence/domain/numbers/number.events';
import { numberTarget } from '@ringfence/event-catalog/numbers';
import { type Codec, id, listOf, nullable, objectOf, oneOf, text, variantsOf } from '@ringfence/event-catalog/shape';

type SelectionOf<Kind> = Extract<NumberSelection, { readonly kind: Kind }>;
const targets: Codec<readonly NumberTarget[]> = listOf(numberTarget);

/** The numbers that a command is about. */
export const numberSelection = variantsOf<NumberSelection>({
  listed: objectOf<SelectionOf<'listed'>>({ kind: oneOf(['listed']), numberIds: listOf(id('vn')) }),
  all: objectOf<SelectionOf<'all'>>({
    kind: oneOf(['all']),
    territories: nullable(listOf(text('country'))),
    assignedTo: nullable(targets),
  }),
});
