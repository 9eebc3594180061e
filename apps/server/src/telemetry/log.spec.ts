import { describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import pino from 'pino';
import { errorFields, nestLogger } from './log.js';

describe('an error in the log', () => {
  it('omits a driver’s message, which may repeat a value', () => {
    const fields = JSON.stringify(
      errorFields(Object.assign(new Error('value +15005550100 is too long'), { code: '22001' })),
    );
    expect(fields).not.toContain('+15005550100');
    expect(fields).toContain('22001');
  });

  it('has our own messages, and where they came from', () => {
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

describe("Nest's lines in the log", () => {
  it('name the error that they report, or the part that they come from', () => {
    const lines: unknown[] = [];
    const write = (line: string) => lines.push(JSON.parse(line));
    const logger = nestLogger(pino({ base: null, timestamp: false, serializers: { err: errorFields } }, { write }));
    logger.error('a reaction failed', new Failure('vault_unavailable', 'the vault cannot be reached', true));
    logger.warn('something is odd', 'RouterExplorer');
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'nest_message',
        msg: 'a reaction failed',
        err: expect.objectContaining({ kind: 'Failure', code: 'vault_unavailable' }),
      }),
      { level: 40, event: 'nest_message', context: 'RouterExplorer', msg: 'something is odd' },
    ]);
  });
});
