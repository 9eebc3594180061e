import { libphonenumberPlan } from '@ringfence/numbering/numbering-plan';
import { InvalidField } from '../command-request.js';

/** @throws InvalidField: the numbering data has no such territory */
export function checkTerritory(code: string, path: readonly string[]): void {
  if (libphonenumberPlan.isTerritory(code)) return;
  throw new InvalidField(
    path,
    'territory',
    'is a territory with numbers of its own, in ISO 3166-1 alpha-2, such as GB',
  );
}
