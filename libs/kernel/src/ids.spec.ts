import { describe, expect, it } from '@jest/globals';
import {
  inventoryStream,
  parseAccountId,
  parseCallId,
  parseCommandId,
  parseKeyId,
  parseStreamId,
  platformStream,
} from './ids.js';

const ulid = '01J9ZK3T5V7XQ2N4M6P8R0S1T3';

describe('ids', () => {
  it('are a prefix and a ULID', () => {
    expect(parseCallId(`cs_${ulid}`)).toBe(`cs_${ulid}`);
    expect(parseKeyId(`key_${ulid}`)).toBe(`key_${ulid}`);
  });

  it.each([
    ['another prefix', `cl_${ulid}`],
    ['no prefix', ulid],
    ['lower case', `cs_${ulid.toLowerCase()}`],
    ['a letter that Crockford left out', `cs_${ulid.slice(0, -1)}I`],
    ['a time past what 48 bits hold', `cs_8${ulid.slice(1)}`],
    ['one character too many', `cs_${ulid}0`],
    ['a line end', `cs_${ulid}\n`],
  ])('are refused with %s', (_what, text) => {
    expect(parseCallId(text)).toBeUndefined();
  });

  it('name a stream by its account, or by what all accounts share', () => {
    expect(parseStreamId('platform')).toBe(platformStream);
    expect(parseStreamId('inventory')).toBe(inventoryStream);
    expect(parseStreamId(`acc_${ulid}`)).toBe(parseAccountId(`acc_${ulid}`));
    expect(parseStreamId(`cs_${ulid}`)).toBeUndefined();
  });

  it('of commands are 1 to 255 printable ASCII characters', () => {
    expect(parseCommandId('x'.repeat(255))).toBeDefined();
    expect(parseCommandId('')).toBeUndefined();
    expect(parseCommandId('x'.repeat(256))).toBeUndefined();
    expect(parseCommandId('tab\t')).toBeUndefined();
    expect(parseCommandId('schlüssel')).toBeUndefined();
  });
});
