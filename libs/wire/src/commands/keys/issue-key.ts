import { withSecret } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { newKeyExample, newKeyFields } from './key-fields.js';

export const issueKey = {
  name: 'issue_key',
  commandType: 'IssueKey',
  fields: newKeyFields,
  example: newKeyExample,
  answersSecret: true,
  route: { method: 'POST', path: '/keys' },
  result: withSecret,
} as const satisfies PublicCommand;
