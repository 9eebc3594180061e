import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NoFields } from '../edge/no-fields.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { numberIdIn } from './number-reader.js';

@Controller('api/v1/accounts')
export class WithdrawNumberController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post(':account_id/virtual-numbers/:number_id/withdraw')
  @Operation({
    id: 'withdrawNumber',
    tag: 'Numbers',
    summary: 'Take a number back from its account',
    description:
      'The account does not have it from then on. Once the inventory has it back, it can be added again, to this account or another, under a new id. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'The account no longer has it.', schema: 'VirtualNumberWithdrawn' },
    command: true,
    urgent: true,
    problems: ['not_found', 'account_unknown', 'number_unknown'],
  })
  async withdraw(
    @Param('account_id') accountIdText: string,
    @Param('number_id') numberIdText: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const named = { number_id: numberIdIn(numberIdText) };
    const accepted = await this.commands.submitForAccount(request, reply, 'withdraw_number', named, accountIdText);
    return { id: named.number_id, account_id: accepted.accountId, position: accepted.position };
  }
}
