import { singleLine } from '../field-rule.js';

export const nameCharactersMax = 200;
/** The name of a time zone in the IANA database. */
export const timeZoneName = singleLine(64, /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/);
