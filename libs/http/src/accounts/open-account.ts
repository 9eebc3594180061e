import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { publicCommands } from '@ringfence/wire/public-commands';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { BodyField } from '../edge/fields.js';

const { fields } = publicCommands.open_account;

export class OpenAccountBody {
  @BodyField(fields.name, {
    description: 'The name of whoever pays; kept as a personal value.',
    example: 'Example GmbH',
  })
  name!: string;

  @BodyField(fields.currency, {
    description: 'ISO 4217, of a rate deck that is in force; never changes.',
    example: 'USD',
  })
  currency!: string;

  @BodyField(fields.region, { description: 'Where its data lives; never changes. Default: eu.', example: 'eu' })
  region?: string | null;

  @BodyField(fields.time_zone, {
    description: 'IANA zone of its day boundaries, by its area (Europe/Berlin), or UTC. Default: UTC.',
    example: 'Europe/Berlin',
  })
  time_zone?: string | null;
}

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
    const { result, made, position } = await this.commands.submit(request, reply, 'open_account', body, null);
    return { id: result['account_id'], ...made.fields, status: 'unverified', position };
  }
}
