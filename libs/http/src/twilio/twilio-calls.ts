import { Inject, Injectable } from '@nestjs/common';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import { idOfSid } from '@ringfence/wire/twilio/twilio-sid';
import type { FastifyRequest } from 'fastify';
import { AccountCurrencies } from '../accounts/account-currencies.js';
import { CallReader } from '../calls/call-reader.js';
import { edgeProblem } from '../problem.js';
import { twilioCallBody } from './twilio-call-body.js';

/** Finds calls by their SIDs, and renders them. */
@Injectable()
export class TwilioCalls {
  constructor(
    @Inject(CallReader) private readonly reader: CallReader,
    @Inject(AccountCurrencies) private readonly currencies: AccountCurrencies,
  ) {}

  /** @throws HttpProblem `not_found`; as `ReadGate.wait` */
  read(request: FastifyRequest, callId: CallId): Promise<CallRow> {
    return this.reader.read(request, callId, null);
  }

  /** The bodies of calls of one account. @throws Failure `event_store_unavailable`, `vault_unavailable` (retryable) */
  async bodies(rows: readonly CallRow[], accountId: AccountId): Promise<readonly object[]> {
    const [opened, currency] = await Promise.all([this.reader.open(rows), this.currencyOf(accountId)]);
    return rows.map((row, at) => {
      const numbers = opened[at];
      invariant(numbers !== undefined, 'every row was opened');
      return twilioCallBody(row, numbers.values, currency);
    });
  }

  /** @throws Failure `event_store_unavailable` (retryable) */
  async currencyOf(accountId: AccountId): Promise<string> {
    const currency = await this.currencies.of(accountId);
    invariant(currency !== undefined, 'an account that has keys was opened');
    return currency;
  }
}

/** The call of a path, whose last part may end with `.json`. @throws HttpProblem `not_found` */
export function callNamed(sidText: string): CallId {
  const callId = idOfSid('cs', sidText.replace(/\.json$/, ''));
  if (callId === undefined) throw edgeProblem('not_found', 'the requested resource was not found');
  return callId;
}
