import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const resumeAccount = defineCommand<'ResumeAccount'>({
  name: 'resume_account',
  version: 1,
  fields: accountFields,
  allowedWhileDraining: false,
});
