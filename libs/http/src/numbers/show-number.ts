import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { callingPolicies, faultDetail } from '@ringfence/domain/limits/called-number';
import { explainNumber, type NumberExplanation } from '@ringfence/domain/limits/number-explanation';
import type { Clock } from '@ringfence/kernel/clock';
import { FindAccount } from '@ringfence/read-models/accounts/account.handlers';
import type { FastifyRequest } from 'fastify';
import { idPattern } from '@ringfence/wire/field-rule';
import { type Caller, callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { validatedQuery } from '../edge/validated.js';
import { CallerKeys } from '../keys/caller-keys.js';
import { edgeProblem, status } from '../problem.js';
import { Text } from '../edge/fields.js';

class NumberQuery {
  @Text({
    description:
      'The key whose policy is asked about; needed with an operator’s key. An account’s key asks about itself.',
    charactersMax: 40,
    pattern: idPattern('key'),
  })
  key_id?: string | null;
}

@Controller('api/v1/numbers')
export class ShowNumberController {
  constructor(
    @Inject(PlatformView) private readonly platform: PlatformView,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(CallerKeys) private readonly keys: CallerKeys,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':number')
  @Operation({
    id: 'explainNumber',
    tag: 'Numbers',
    summary: 'What the destination guard says of a number, and why',
    description:
      'A call with the key would be judged so, by its own policy and those of the keys that it is a child of. Nothing is called or recorded. Rate, lines, spend and balance are not looked at.',
    access: {
      scopes: ['calls:write', 'calls:read', 'keys:read', 'accounts:admin'],
      operatorsOnly: false,
      modes: 'own',
    },
    answer: { status: status.ok, description: 'What is known of the number.', schema: 'NumberExplanation' },
    problems: ['not_found', 'validation_failed'],
  })
  async show(
    @Param('number') number: string,
    @Query(validatedQuery(NumberQuery)) { key_id = null }: NumberQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const entry = await this.#keyOf(callerOf(request), key_id);
    const { keyId, accountId, mode, policy } = entry;
    const [{ numberingPlan, rateDecks }, account] = await Promise.all([
      this.platform.current(),
      accountId === null ? undefined : this.queries.execute(new FindAccount(accountId)),
    ]);
    if (account === undefined) throw edgeProblem('not_found', 'there is no account whose prices could be asked for');
    const prices = { decks: rateDecks, currency: account.currency, atMs: this.clock.now() };
    const line = this.keys.lineOf(entry);
    const explained = explainNumber(number, callingPolicies(line, mode), numberingPlan, prices);
    return {
      number,
      ...explanationBody(explained, account.currency),
      refused_by_key_id: explained.refusedBy === null ? null : (line[explained.refusedBy]?.keyId ?? null),
      numbering_data: numberingPlan.version,
      key_id: keyId,
      destination_prefixes: policy.destinationPrefixes,
    };
  }

  /** @throws HttpProblem `not_found`, `validation_failed` */
  async #keyOf(caller: Caller, named: string | null): Promise<KeyEntry> {
    if (caller.accountId !== null) {
      if (named === null || named === caller.entry.keyId) return caller.entry;
      throw edgeProblem('not_found', 'a key asks about its own policy');
    }
    if (named !== null) return this.keys.find(caller, named);
    throw edgeProblem('validation_failed', 'key_id is needed with an operator’s key', {
      errors: [{ in: 'query', path: ['key_id'], rule: 'required', detail: 'is needed with an operator’s key' }],
    });
  }
}

function explanationBody({ fault, number, price }: NumberExplanation, currency: string): object {
  return {
    verdict: fault === null ? 'allowed' : 'refused',
    code: fault?.code ?? null,
    reason: fault?.reason ?? null,
    detail: fault === null ? null : faultDetail(fault, 'number'),
    territory: number?.territory ?? null,
    kind: number?.kind ?? null,
    opened_range: number?.openedRange ?? null,
    price: price === null ? null : priceBody(price, currency),
  };
}

function priceBody(
  { rate, minuteMicros, mainMinuteMicros }: NonNullable<NumberExplanation['price']>,
  currency: string,
): object {
  return {
    deck_id: rate.deckId,
    deck_version: rate.deckVersion,
    prefix: rate.prefix,
    currency,
    connect_fee_micros: String(rate.connectFeeMicros),
    per_minute_micros: String(rate.perMinuteMicros),
    minute_micros: String(minuteMicros),
    main_minute_micros: mainMinuteMicros === null ? null : String(mainMinuteMicros),
  };
}
