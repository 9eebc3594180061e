import { listedNumbersMax } from '@ringfence/domain/numbers/number-assignment';
import { territoryPattern } from '@ringfence/domain/limits/numbering-plan';
import { boolean, idPattern, textList } from '../../field-rule.js';
import { optional } from '../command-field.js';

/** The most values of a condition. */
export const conditionValuesMax = 50;
export const listedNumbers = textList(idPattern('vn'), listedNumbersMax, 'an id that begins with vn_');

/** The numbers that a command is about: those that are listed, or all that meet the conditions. */
export const selectionFields = {
  vn_ids: optional(listedNumbers, 'The numbers.', { example: ['vn_01K9Z000000000000000000000'] }),
  apply_to_all: optional(
    boolean,
    'true: every number of the key’s mode that meets the conditions, in place of vn_ids.',
  ),
  location: optional(
    textList(territoryPattern, conditionValuesMax, 'a territory such as US'),
    'With apply_to_all: numbers of these territories, ISO 3166-1 alpha-2.',
  ),
  voice_app: optional(
    textList(idPattern('va'), conditionValuesMax, 'the id of an app'),
    'With apply_to_all: numbers that are assigned to one of these apps, or of the trunks in sip_trunk.',
  ),
  sip_trunk: optional(
    textList(idPattern('st'), conditionValuesMax, 'the id of a trunk'),
    'With apply_to_all: numbers that are assigned to one of these trunks, or of the apps in voice_app.',
  ),
};
