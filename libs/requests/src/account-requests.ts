import { type AccountId, parseSubjectId, platformStream, type SubjectId } from '@ringfence/kernel/ids';
import { micros } from '@ringfence/kernel/units';
import type { CommandBody } from '@ringfence/wire/public-commands';
import type { Calendar } from '@ringfence/domain/shared/calendar';
import { isDisputed, type ZoneAgreement } from '@ringfence/calendar/database-zones';
import type { RequestIdentity } from '@ringfence/commands/request-identity';
import type { CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { accountIn } from './call-requests.js';
import { type RequestContext, type CommandRequest, InvalidField, sentFields } from './command-request.js';

export type AccountRequestParts = {
  readonly vault: SubjectVault;
  readonly identity: RequestIdentity;
  readonly calendar: Calendar;
  readonly zones: ZoneAgreement;
};

/** Asked of the platform; the account is the one that the client's key leads to. */
export async function requestOpenAccount(
  parts: AccountRequestParts,
  body: CommandBody<'open_account'>,
  { stream, keyId, clientKey }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'OpenAccount'>>> {
  if (stream !== platformStream)
    throw new InvalidField(['subject'], 'platform', 'is `platform`: the account gets its id');
  const { vault, identity } = parts;
  const accountId = identity.accountIdFor(keyId, clientKey);
  const { name, currency } = body;
  const [region, timeZone] = [body.region ?? 'eu', body.time_zone ?? 'UTC'];
  const zoneDisputed = await isDisputed(timeZone, parts);
  return {
    stream: accountId,
    payload: {
      type: 'OpenAccount',
      accountId,
      name: await vault.seal(accountId, name),
      currency,
      region,
      timeZone,
      zoneDisputed,
    },
    fields: { name, currency, region, time_zone: timeZone },
    result: { account_id: accountId },
    secret: null,
  };
}

export function requestVerifyAccount(
  _parts: AccountRequestParts,
  _body: CommandBody<'verify_account'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'VerifyAccount'>>> {
  const accountId = accountIn(stream);
  return Promise.resolve({
    stream,
    payload: { type: 'VerifyAccount', accountId },
    fields: {},
    result: { account_id: accountId },
    secret: null,
  });
}

export function requestSuspendAccount(
  _parts: AccountRequestParts,
  { reason }: CommandBody<'suspend_account'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'SuspendAccount'>>> {
  const accountId = accountIn(stream);
  return Promise.resolve({
    stream,
    payload: { type: 'SuspendAccount', accountId, reason },
    fields: { reason },
    result: { account_id: accountId },
    secret: null,
  });
}

export function requestResumeAccount(
  _parts: AccountRequestParts,
  _body: CommandBody<'resume_account'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'ResumeAccount'>>> {
  const accountId = accountIn(stream);
  return Promise.resolve({
    stream,
    payload: { type: 'ResumeAccount', accountId },
    fields: {},
    result: { account_id: accountId },
    secret: null,
  });
}

export async function requestChangeTimeZone(
  parts: AccountRequestParts,
  { time_zone: timeZone }: CommandBody<'change_time_zone'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'ChangeTimeZone'>>> {
  const accountId = accountIn(stream);
  const zoneDisputed = await isDisputed(timeZone, parts);
  return {
    stream,
    payload: { type: 'ChangeTimeZone', accountId, timeZone, zoneDisputed },
    fields: { time_zone: timeZone },
    result: { account_id: accountId },
    secret: null,
  };
}

/** What is left out stays as it is; a burst that is left out beside a rate is as the rate. @throws InvalidField when nothing is to be set */
export async function requestSetAccountLimits(
  _parts: AccountRequestParts,
  body: CommandBody<'set_account_limits'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'SetAccountLimits'>>> {
  const accountId = accountIn(stream);
  const { mode, calls_per_second: rate = null, lines_max: linesMax = null, daily_spend_micros_max: spend } = body;
  const burst = body.burst_calls ?? rate;
  if (burst === null && linesMax === null && spend === undefined)
    throw new InvalidField(
      ['lines_max'],
      'required',
      'at least one of lines_max, calls_per_second, burst_calls and daily_spend_micros_max is needed',
    );
  return Promise.resolve({
    stream,
    payload: {
      type: 'SetAccountLimits',
      accountId,
      mode,
      callsPerSecond: rate,
      burstCalls: burst,
      linesMax,
      dailySpendMicrosMax: typeof spend === 'string' ? micros(BigInt(spend)) : null,
      dailySpendUnlimited: spend === null,
    },
    fields: sentFields(body),
    result: { account_id: accountId },
    secret: null,
  });
}

export async function requestAddCredit(
  { vault }: AccountRequestParts,
  { mode, amount_micros, reference = null }: CommandBody<'add_credit'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'AddCredit'>>> {
  const accountId = accountIn(stream);
  return {
    stream,
    payload: {
      type: 'AddCredit',
      accountId,
      mode,
      amountMicros: micros(BigInt(amount_micros)),
      reference: reference === null ? null : await vault.seal(accountId, reference),
    },
    fields: { mode, amount_micros, reference },
    result: { account_id: accountId },
    secret: null,
  };
}

export async function requestEraseSubject(
  { vault }: AccountRequestParts,
  body: CommandBody<'erase_subject'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'EraseSubject'>>> {
  const accountId = accountIn(stream);
  const [byValue, byId] = [body.value ?? undefined, body.subject_id ?? undefined];
  if ((byValue === undefined) === (byId === undefined))
    throw new InvalidField(['value'], 'exclusive', 'exactly one of value and subject_id is needed');
  const named = byId === undefined ? undefined : parseSubjectId(byId);
  const known = byValue === undefined ? await ofAccount(vault, accountId, named) : await vault.find(accountId, byValue);
  return {
    stream,
    // The value is gone once this was done: whether it is this very command that did it, the lane knows.
    payload: { type: 'EraseSubject', accountId, subjectId: known ?? null },
    fields: byValue === undefined ? { subject_id: byId ?? null } : { value: byValue },
    // By the id that was named an erasure of long ago is found again.
    result: { subject_id: known ?? named ?? null },
    secret: null,
  };
}

/** undefined: nobody's, another account's, or erased. */
async function ofAccount(
  vault: SubjectVault,
  accountId: AccountId,
  subjectId: SubjectId | undefined,
): Promise<SubjectId | undefined> {
  return subjectId !== undefined && (await vault.has(accountId, subjectId)) ? subjectId : undefined;
}
