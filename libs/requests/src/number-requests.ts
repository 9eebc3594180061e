import { platformStream } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import type { CommandBody } from '@ringfence/wire/public-commands';
import type { CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import { libphonenumberPlan } from '@ringfence/numbering/numbering-plan';
import { type RequestContext, type CommandRequest, InvalidField } from './command-request.js';

export function requestOpenNumberRange(
  body: CommandBody<'open_number_range'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'OpenNumberRange'>>> {
  if (stream !== platformStream) throw new InvalidField(['subject'], 'platform', 'is `platform`');
  const { prefix, kind } = body;
  const territory = body.territory ?? null;
  if (territory !== null) checkTerritory(territory, ['territory']);
  return Promise.resolve({
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
  });
}

/** @throws InvalidField: there is no such territory in the numbering data */
export function checkTerritory(code: string, path: readonly string[]): void {
  if (libphonenumberPlan.isTerritory(code)) return;
  throw new InvalidField(
    path,
    'territory',
    'is a territory with numbers of its own, in ISO 3166-1 alpha-2, such as GB',
  );
}

function momentIn(text: string | null | undefined) {
  return text === undefined || text === null ? null : epochMs(Date.parse(text));
}
