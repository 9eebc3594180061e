import type { ContextRoutes } from '../edge/context-routes.js';
import { AccountCurrencies } from './account-currencies.js';
import { AddCreditController } from './add-credit.js';
import { ChangeTimeZoneController } from './change-time-zone.js';
import { EraseSubjectController } from './erase-subject.js';
import { ListAccountsController } from './list-accounts.js';
import { OpenAccountController } from './open-account.js';
import { ResumeAccountController } from './resume-account.js';
import { SetAccountLimitsController } from './set-account-limits.js';
import { ShowAccountController } from './show-account.js';
import { SuspendAccountController } from './suspend-account.js';
import { VerifyAccountController } from './verify-account.js';

export const accountRoutes: ContextRoutes = {
  controllers: [
    OpenAccountController,
    ListAccountsController,
    ShowAccountController,
    VerifyAccountController,
    SuspendAccountController,
    ResumeAccountController,
    SetAccountLimitsController,
    ChangeTimeZoneController,
    AddCreditController,
    EraseSubjectController,
  ],
  providers: [AccountCurrencies],
};
