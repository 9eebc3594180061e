import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CommandsModule } from '@ringfence/cqrs/commands.module';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { ReadModelsModule } from '@ringfence/read-models/read-models.module';
import { AccountCurrencies } from './accounts/account-currencies.js';
import { AccountCommands } from './accounts/account-commands.js';
import { AddCreditController } from './accounts/add-credit/add-credit.controller.js';
import { EraseSubjectController } from './accounts/erase-subject/erase-subject.controller.js';
import { ListAccountsController } from './accounts/list-accounts/list-accounts.controller.js';
import { OpenAccountController } from './accounts/open-account/open-account.controller.js';
import { ShowAccountController } from './accounts/show-account/show-account.controller.js';
import { ResumeAccountController } from './accounts/resume-account/resume-account.controller.js';
import { ChangeTimeZoneController } from './accounts/change-time-zone/change-time-zone.controller.js';
import { SetAccountLimitsController } from './accounts/set-account-limits/set-account-limits.controller.js';
import { SuspendAccountController } from './accounts/suspend-account/suspend-account.controller.js';
import { VerifyAccountController } from './accounts/verify-account/verify-account.controller.js';
import { ListEventsController } from './audit/list-events/list-events.controller.js';
import { CallEnds } from './calls/call-ends.js';
import { CallOwners } from './calls/call-owners.js';
import { CallReader } from './calls/call-reader.js';
import { EndedCall } from './calls/ended-call.js';
import { HangUpCallController } from './calls/hang-up-call/hang-up-call.controller.js';
import { ListCallsController } from './calls/list-calls/list-calls.controller.js';
import { ListLegsController } from './calls/list-legs/list-legs.controller.js';
import { PlaceCallController } from './calls/place-call/place-call.controller.js';
import { ShowAuthorizationController } from './calls/show-authorization/show-authorization.controller.js';
import { ShowCallController } from './calls/show-call/show-call.controller.js';
import { AccessGuard } from './edge/access.js';
import { RateLimitHeaders } from './edge/rate-limit-headers.js';
import { ReadBounds } from './edge/read-bounds.js';
import { PersonalValues, ReadGate } from './edge/reading.js';
import { CommandSubmission } from './edge/submission.js';
import { ChangeKeyPolicyController } from './keys/change-key-policy/change-key-policy.controller.js';
import { CallerKeys } from './keys/caller-keys.js';
import { IssueKeyController } from './keys/issue-key/issue-key.controller.js';
import { DecidedKeys } from './keys/decided-keys.js';
import { KeyBodies } from './keys/key-bodies.js';
import { ListKeysController } from './keys/list-keys/list-keys.controller.js';
import { PlatformKeysController } from './keys/platform-keys/platform-keys.controller.js';
import { RegisterSigningKeyController } from './keys/register-signing-key/register-signing-key.controller.js';
import { RevokeKeyController } from './keys/revoke-key/revoke-key.controller.js';
import { RotateKeyController } from './keys/rotate-key/rotate-key.controller.js';
import { ShowKeyController } from './keys/show-key/show-key.controller.js';
import { EntriesController } from './ledger/entries/entries.controller.js';
import { ShowLedgerController } from './ledger/show-ledger/show-ledger.controller.js';
import { TrialBalanceController } from './ledger/trial-balance/trial-balance.controller.js';
import { ListNumberRangesController } from './numbers/list-number-ranges/list-number-ranges.controller.js';
import { OpenNumberRangeController } from './numbers/open-number-range/open-number-range.controller.js';
import { ShowNumberController } from './numbers/show-number/show-number.controller.js';
import { HealthController } from './operations/health.controller.js';
import { IndexController } from './operations/index.controller.js';
import { MetricsController } from './operations/metrics.controller.js';
import { ShowRateController } from './rates/show-rate/show-rate.controller.js';
import { RateCountersController } from './usage/rate-counters/rate-counters.controller.js';
import { ShowUsageController } from './usage/show-usage/show-usage.controller.js';

/** Routes of the API; they need every port of edge/ports.ts and those of the application. */
export const apiControllers = [
  PlaceCallController,
  HangUpCallController,
  ListCallsController,
  ShowCallController,
  ListLegsController,
  ShowAuthorizationController,
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
  IssueKeyController,
  RegisterSigningKeyController,
  ListKeysController,
  ShowKeyController,
  RotateKeyController,
  ChangeKeyPolicyController,
  RevokeKeyController,
  PlatformKeysController,
  ShowUsageController,
  RateCountersController,
  ShowLedgerController,
  EntriesController,
  TrialBalanceController,
  ListEventsController,
  ShowNumberController,
  OpenNumberRangeController,
  ListNumberRangesController,
  ShowRateController,
];
/** Routes that every role serves: they need HEALTH and METRICS_TEXT. */
export const operationsControllers = [IndexController, HealthController, MetricsController];

const edge: Provider[] = [
  AccessGuard,
  { provide: ReadBounds, useFactory: () => new ReadBounds(systemTimers) },
  CommandSubmission,
  RateLimitHeaders,
  ReadGate,
  PersonalValues,
  AccountCommands,
  CallOwners,
  AccountCurrencies,
  CallReader,
  CallEnds,
  EndedCall,
  KeyBodies,
  CallerKeys,
  DecidedKeys,
];

/** What the roles put behind the edge, for every module of the process. */
@Module({})
class Ports {
  static with(ports: readonly Provider[]): DynamicModule {
    const providers = [...ports];
    const tokens = providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide));
    return { module: Ports, global: true, providers, exports: tokens };
  }
}

@Module({})
export class HttpModule {
  /** @param ports what the roles put behind the edge */
  static withApi(ports: readonly Provider[]): DynamicModule {
    return {
      module: HttpModule,
      imports: [Ports.with(ports), CommandsModule, ReadModelsModule],
      controllers: [...operationsControllers, ...apiControllers],
      providers: edge,
    };
  }

  /** For a process that is not a gateway: health and metrics alone. */
  static operationsOnly(ports: readonly Provider[]): DynamicModule {
    return { module: HttpModule, imports: [Ports.with(ports)], controllers: operationsControllers };
  }
}
