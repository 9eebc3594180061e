import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';

class AddCreditBody extends commandBody('add_credit') {}

@Controller('api/v1/accounts')
export class AddCreditController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post(':account_id/credit')
  @Operation({
    id: 'addCredit',
    tag: 'Accounts',
    summary: 'Add credit',
    description: 'Send an Idempotency-Key: a retry without one is a second payment. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'The money is in the book.', schema: 'CreditAdded' },
    command: true,
    problems: ['not_found', 'account_unknown', 'amount_invalid'],
  })
  async add(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(AddCreditBody)) body: AddCreditBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accepted = await this.commands.submitForAccount(request, reply, 'add_credit', body, accountIdText);
    const { accountId, commandRequest, position } = accepted;
    return { id: accountId, ...commandRequest.fields, position };
  }
}
