import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { publicCommands } from '@ringfence/wire/public-commands';
import { Operation } from '../edge/operation.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { BodyField } from '../edge/fields.js';
import { AccountCommands } from './account-commands.js';

const { fields } = publicCommands.add_credit;

export class AddCreditBody {
  @BodyField(fields.mode, { says: 'The book it goes to.' })
  mode!: 'live' | 'test';

  @BodyField(fields.amount_micros, {
    says: 'Millionths of one unit of the account’s currency; more than 0.',
    example: '5000000',
  })
  amount_micros!: string;

  @BodyField(fields.reference, { says: 'What the money came by: a payment’s reference. Kept as a personal value.' })
  reference?: string | null;
}

@Controller('api/v1/accounts')
export class AddCreditController {
  constructor(
    @Inject(AccountCommands) private readonly commands: AccountCommands,
    @Inject(REQUEST_BUILDERS) private readonly drafts: RequestBuilders,
  ) {}

  @Post(':account_id/credit')
  @Operation({
    id: 'addCredit',
    tag: 'Accounts',
    summary: 'Add credit',
    description: 'Send an Idempotency-Key: a retry without one is a second payment. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'The money is in the book.', schema: 'CreditAdded' },
    command: true,
    problems: ['not_found', 'account_unknown', 'amount_invalid', 'presenter_not_allowed'],
  })
  async add(
    @Param('account_id') accountId: string,
    @Body(validatedBody(AddCreditBody)) body: AddCreditBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.commands.run(accountId, (asking) => this.drafts.add_credit(body, asking), request, reply);
  }
}
