import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';
import { limitsBody } from './account-body.js';

/** Body of the request; omitted fields stay as they are. */
class SetAccountLimitsBody extends commandBody('set_account_limits') {}

@Controller('api/v1/accounts')
export class SetAccountLimitsController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
  ) {}

  @Patch(':account_id/limits')
  @Operation({
    id: 'setAccountLimits',
    tag: 'Accounts',
    summary: 'Set the limits of an account',
    description:
      'They hold for the next call; calls that live are not cut. Fields that are left out stay as they are. What an operator sets is approved by that: the account’s own keys move within it.',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'account' },
    answer: { status: status.ok, description: 'The limits from now on.', schema: 'AccountLimitsSet' },
    command: true,
    problems: ['not_found', 'mode_not_allowed', 'account_unknown', 'limits_not_approved'],
  })
  async set(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(SetAccountLimitsBody)) body: SetAccountLimitsBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accepted = await this.commands.submitForAccount(request, reply, 'set_account_limits', body, accountIdText);
    const { accountId, position } = accepted;
    const event = await this.decided.at(position, 'AccountLimitsSet');
    return { id: accountId, ...limitsBody(event.mode, event), position };
  }
}
