import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const verifyAccount = {
  name: 'verify_account',
  commandType: 'VerifyAccount',
  fields: {},
  example: {},
  answersSecret: false,
  route: { method: 'POST', path: '/accounts/:subject/verify' },
  result: ofAccount,
} as const satisfies PublicCommand;
