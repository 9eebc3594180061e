import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';

class SuspendAccountBody extends commandBody('suspend_account') {}

@Controller('api/v1/accounts')
export class SuspendAccountController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post(':account_id/suspend')
  @Operation({
    id: 'suspendAccount',
    tag: 'Accounts',
    summary: 'Suspend an account',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'account' },
    answer: {
      status: status.ok,
      description: 'New calls are refused, live ones are being ended.',
      schema: 'AccountSuspended',
    },
    command: true,
    urgent: true,
    problems: ['not_found', 'account_unknown', 'account_already_suspended'],
  })
  async suspend(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(SuspendAccountBody)) body: SuspendAccountBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accepted = await this.commands.submitForAccount(request, reply, 'suspend_account', body, accountIdText);
    const { accountId, commandRequest, position } = accepted;
    return { id: accountId, ...commandRequest.fields, position };
  }
}
