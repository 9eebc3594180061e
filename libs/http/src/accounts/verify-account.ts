import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { NoFields } from '../edge/no-fields.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';

@Controller('api/v1/accounts')
export class VerifyAccountController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post(':account_id/verify')
  @Operation({
    id: 'verifyAccount',
    tag: 'Accounts',
    summary: 'Verify an account',
    description: 'The payer was checked: from now on the account may place calls. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'The account is verified.', schema: 'AccountVerified' },
    command: true,
    problems: ['not_found', 'account_unknown', 'account_already_verified', 'account_suspended'],
  })
  async verify(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accepted = await this.commands.submitForAccount(request, reply, 'verify_account', {}, accountIdText);
    const { accountId, commandRequest, position } = accepted;
    return { id: accountId, ...commandRequest.fields, position };
  }
}
