import type { PlainResult } from '@ringfence/wire/commands/command-result';
import { type PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import type { ResultOf } from '../outcome.js';

type Reader<Name extends PublicCommandName> = { readonly result: (answer: PlainResult) => ResultOf<Name> };
const readers: { readonly [Name in PublicCommandName]: Reader<Name> } = publicCommands;

export function resultOf<Name extends PublicCommandName>(name: Name, result: PlainResult): ResultOf<Name> {
  return readers[name].result(result);
}
