import { platformStream } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import type { CommandBody } from '@ringfence/messaging/public-commands';
import type { WishOf } from '../lane/command-dispatcher.js';
import { libphonenumberPlan } from '../numbering/numbering-plan.js';
import { type Asking, type Draft, FieldFault } from './draft.js';

export function draftOpenNumberRange(
  body: CommandBody<'open_number_range'>,
  { stream }: Asking,
): Promise<Draft<WishOf<'OpenNumberRange'>>> {
  if (stream !== platformStream) throw new FieldFault(['subject'], 'platform', 'is `platform`');
  const { prefix, kind } = body;
  const territory = body.territory ?? null;
  if (territory !== null) checkTerritory(territory, ['territory']);
  return Promise.resolve({
    stream,
    wish: {
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
  });
}

/** @throws FieldFault: there is no such territory in the numbering data */
export function checkTerritory(code: string, path: readonly string[]): void {
  if (libphonenumberPlan.isTerritory(code)) return;
  throw new FieldFault(path, 'territory', 'is a territory with numbers of its own, in ISO 3166-1 alpha-2, such as GB');
}

function momentIn(text: string | null | undefined) {
  return text === undefined || text === null ? null : epochMs(Date.parse(text));
}
