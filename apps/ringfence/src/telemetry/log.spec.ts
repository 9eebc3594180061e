import { describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { errorFields } from './log.js';

describe('an error in the log', () => {
  it('keeps to itself what a driver may have repeated of a value', () => {
    const fields = JSON.stringify(
      errorFields(Object.assign(new Error('value +15005550100 is too long'), { code: '22001' })),
    );
    expect(fields).not.toContain('+15005550100');
    expect(fields).toContain('22001');
  });

  it('says what we wrote ourselves, and where it came from', () => {
    const cause = new Error('connect ECONNREFUSED to postgres://user:secret@host');
    const fields = errorFields(new Failure('vault_unavailable', 'the vault cannot be reached', true, { cause }));
    expect(fields).toMatchObject({
      kind: 'Failure',
      code: 'vault_unavailable',
      message: 'the vault cannot be reached',
    });
    expect(JSON.stringify(fields)).not.toContain('secret');
  });
});
