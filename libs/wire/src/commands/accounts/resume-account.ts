import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const resumeAccount = {
  name: 'resume_account',
  commandType: 'ResumeAccount',
  fields: {},
  example: {},
  answersSecret: false,
  route: { method: 'POST', path: '/accounts/:subject/resume' },
  result: ofAccount,
} as const satisfies PublicCommand;
