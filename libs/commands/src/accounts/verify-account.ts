import { defineCommand } from '../command-definition.js';
import { accountFields } from '../wire-fields.js';

export const verifyAccount = defineCommand<'VerifyAccount'>({
  name: 'verify_account',
  version: 1,
  fields: accountFields,
  allowedWhileDraining: false,
});
