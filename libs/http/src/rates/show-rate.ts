import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { faultDetail } from '@ringfence/domain/limits/called-number';
import { priceOfNumber } from '@ringfence/domain/limits/number-explanation';
import type { Clock } from '@ringfence/kernel/clock';
import type { FastifyRequest } from 'fastify';
import { idPattern } from '@ringfence/wire/field-rule';
import { AccountCurrencies } from '../accounts/account-currencies.js';
import { rateBody } from '../calls/price-bodies.js';
import { accountFor, callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { momentText } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { E164Number, Text } from '../edge/fields.js';

class RateQuery {
  @E164Number({ description: 'The number that would be called.', required: true, example: '+15005550000' })
  number!: string;

  @Text({ description: 'The account; needed with an operator’s key.', charactersMax: 40, pattern: idPattern('acc') })
  account_id?: string | null;
}

@Controller('api/v1/rates')
export class ShowRateController {
  constructor(
    @Inject(PlatformView) private readonly platform: PlatformView,
    @Inject(AccountCurrencies) private readonly currencies: AccountCurrencies,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({
    id: 'getRate',
    tag: 'Rates',
    summary: 'What a call to a number would cost now',
    description:
      'The price of the longest prefix in the rate deck that is in force for the account’s currency; a call placed now would be charged by it. ' +
      'Whether a key may call the number is what `GET /numbers/{number}` says. Where there is no price, `rate` is null and `detail` says why.',
    access: {
      scopes: ['billing:read', 'calls:write', 'calls:read', 'accounts:admin'],
      operatorsOnly: false,
      modes: 'shared',
    },
    answer: { status: status.ok, description: 'The price, or why there is none.', schema: 'NumberRate' },
    problems: ['not_found', 'validation_failed'],
  })
  async show(
    @Query(validatedQuery(RateQuery)) { number, account_id }: RateQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const accountId = accountFor(callerOf(request), account_id, 'query');
    const [{ numberingPlan, rateDecks }, currency] = await Promise.all([
      this.platform.current(),
      this.currencies.of(accountId),
    ]);
    if (currency === undefined) throw edgeProblem('not_found', 'there is no such account');
    const atMs = this.clock.now();
    const price = priceOfNumber(number, numberingPlan, { decks: rateDecks, currency, atMs });
    return {
      number,
      account_id: accountId,
      currency,
      priced_at: momentText(atMs),
      territory: price.number?.territory ?? null,
      kind: price.number?.kind ?? null,
      rate: price.rate === null ? null : rateBody(price, currency),
      code: price.fault?.code ?? null,
      reason: price.fault?.reason ?? null,
      detail: price.fault === null ? null : faultDetail(price.fault, 'number'),
    };
  }
}
