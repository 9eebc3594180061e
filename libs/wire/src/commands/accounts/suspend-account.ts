import type { SuspensionReason } from '@ringfence/domain/accounts/account.events';
import { choice } from '../../field-rule.js';
import { required } from '../command-field.js';
import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

/** Reasons that a client may give; `quarantined` is the platform's own. */
const reasonsOffered = ['requested', 'fraud', 'unpaid'] as const satisfies readonly SuspensionReason[];

export const suspendAccount = {
  name: 'suspend_account',
  commandType: 'SuspendAccount',
  fields: {
    reason: required(choice(reasonsOffered), 'Why. New calls are refused from now on and live ones ended.'),
  },
  example: { reason: 'requested' },
  answersSecret: false,
  route: { method: 'POST', path: '/accounts/:subject/suspend' },
  result: ofAccount,
} as const satisfies PublicCommand;
