import { defineCommand } from '../command-definition.js';
import { ofAccount } from '../wire-fields.js';

export const resumeAccount = defineCommand<'ResumeAccount'>({
  name: 'resume_account',
  version: 1,
  fields: ofAccount,
  allowedWhileDraining: false,
});
