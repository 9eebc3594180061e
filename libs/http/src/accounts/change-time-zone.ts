import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';
import { zoneChangeBody } from './account-body.js';

class ChangeTimeZoneBody extends commandBody('change_time_zone') {}

@Controller('api/v1/accounts')
export class ChangeTimeZoneController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
  ) {}

  @Post(':account_id/time-zone')
  @Operation({
    id: 'changeTimeZone',
    tag: 'Accounts',
    summary: 'Change the time zone of an account',
    description:
      'In force from the end of the account’s local day on; until then it can be changed again, or back. Calls and spend of days that are over stay where they are.',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'account' },
    answer: { status: status.ok, description: 'When the new zone comes into force.', schema: 'AccountTimeZoneChanged' },
    command: true,
    problems: [
      'not_found',
      'mode_not_allowed',
      'account_unknown',
      'time_zone_invalid',
      'time_zone_disputed',
      'time_zone_unchanged',
    ],
  })
  async change(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(ChangeTimeZoneBody)) body: ChangeTimeZoneBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accepted = await this.commands.submitForAccount(request, reply, 'change_time_zone', body, accountIdText);
    const { accountId, position } = accepted;
    const event = await this.decided.at(position, 'AccountTimeZoneChanged');
    return { id: accountId, ...zoneChangeBody(event), position };
  }
}
