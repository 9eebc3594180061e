import { libphonenumberPlan } from '@ringfence/numbering/numbering-plan';
import { InvalidField } from '../command-request.js';

/** @throws InvalidField: there is no such territory in the numbering data */
export function checkTerritory(code: string, path: readonly string[]): void {
  if (libphonenumberPlan.isTerritory(code)) return;
  throw new InvalidField(
    path,
    'territory',
    'is a territory with numbers of its own, in ISO 3166-1 alpha-2, such as GB',
  );
}
