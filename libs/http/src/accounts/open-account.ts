import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';

class OpenAccountBody extends commandBody('open_account') {}

@Controller('api/v1/accounts')
export class OpenAccountController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post()
  @Operation({
    id: 'openAccount',
    tag: 'Accounts',
    summary: 'Open an account',
    description: 'It can place calls once it is verified and, for live ones, has credit. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.created, description: 'The account is open.', schema: 'AccountOpened' },
    command: true,
    problems: ['currency_invalid', 'currency_without_deck', 'time_zone_invalid', 'time_zone_disputed'],
  })
  async open(
    @Body(validatedBody(OpenAccountBody)) body: OpenAccountBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { result, commandRequest, position } = await this.commands.submit(request, reply, 'open_account', body, null);
    return { id: result['account_id'], ...commandRequest.fields, status: 'unverified', position };
  }
}
