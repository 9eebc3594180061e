import { describe, expect, it } from '@jest/globals';
import { exampleAccountId } from '@ringfence/testing/examples';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { type CommandId, parseCommandId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import { isInternalCommand } from './internal-command-type.js';
import { commandEvent, readCommandEvent } from './wire-command-envelope.js';

const command: SubmittedCommand = {
  commandId: parseCommandId('verify-1') as CommandId,
  idChosenByClient: true,
  fingerprint: new Uint8Array(32),
  stream: exampleAccountId,
  principal: { kind: 'operator', name: 'console' },
  payload: { type: 'VerifyAccount', accountId: exampleAccountId },
  result: {},
  deadlineMs: epochMs(60_000),
  traceparent: null,
};
const event = commandEvent(command, epochMs(1_000), { partition: 0, correlation: 'c' }, 'urn:spec');

describe('the type of a command between processes of a cluster', () => {
  it('is written as the release before reads it', () => {
    expect(event.type).toBe('ringfence.wish.verify_account.v1');
  });

  it('is read as the next release writes it', () => {
    const next = { ...event, type: 'ringfence.internal.command.verify_account.v1' };
    expect(readCommandEvent(next)).toEqual(readCommandEvent(event));
  });

  it.each([
    'ringfence.internal.command.verify_account.v2',
    'ringfence.internal.command.fly.v1',
    'ringfence.internal.x',
  ])('that no release knows is not read: %s', (type) => {
    expect(() => readCommandEvent({ ...event, type })).toThrow();
  });

  it.each([
    [event.type, true],
    ['ringfence.internal.command.verify_account.v1', true],
    ['ringfence.command.place_call.v1', false],
    ['ringfence.internal.reply.v1', false],
    ['com.example.order.v1', false],
  ])('is reserved to the cluster, or is not: %s', (type, reserved) => {
    expect(isInternalCommand(type)).toBe(reserved);
  });
});
