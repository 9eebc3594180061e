import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { publicCommands, type SuspensionReasonOffered } from '@ringfence/wire/public-commands';
import { Operation } from '../edge/operation.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { BodyField } from '../edge/fields.js';
import { AccountCommands } from './account-commands.js';

const { fields } = publicCommands.suspend_account;

export class SuspendAccountBody {
  @BodyField(fields.reason, { says: 'Why. New calls are refused from now on and live ones ended.' })
  reason!: SuspensionReasonOffered;
}

@Controller('api/v1/accounts')
export class SuspendAccountController {
  constructor(
    @Inject(AccountCommands) private readonly commands: AccountCommands,
    @Inject(REQUEST_BUILDERS) private readonly drafts: RequestBuilders,
  ) {}

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
    problems: ['not_found', 'account_unknown', 'account_already_suspended'],
  })
  async suspend(
    @Param('account_id') accountId: string,
    @Body(validatedBody(SuspendAccountBody)) body: SuspendAccountBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.commands.run(accountId, (asking) => this.drafts.suspend_account(body, asking), request, reply);
  }
}
