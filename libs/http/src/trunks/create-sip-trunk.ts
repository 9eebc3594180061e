import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { warningBodies } from '../calls/warnings.js';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { SipTrunkReader } from './sip-trunk-reader.js';

class CreateSipTrunkBody extends commandBody('create_sip_trunk') {}

@Controller('api/v1/sip/trunks')
export class CreateSipTrunkController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(SipTrunkReader) private readonly trunks: SipTrunkReader,
  ) {}

  @Post()
  @Operation({
    id: 'createSipTrunk',
    tag: 'Trunks',
    summary: 'Create a SIP trunk',
    description:
      'It belongs to the mode of the key; an account has at most 100 in each mode. Of a password only digests are kept, encrypted; it is never shown. In this release no call uses a SIP trunk: `warnings` names every field of the request that has no effect yet.',
    access: { scopes: ['trunks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.created, description: 'The trunk.', schema: 'SipTrunkWithWarnings' },
    command: true,
    problems: [
      'validation_failed',
      'sip_trunks_exhausted',
      'sip_trunk_invalid',
      'trunk_secret_unknown',
      'trunk_ip_list_unknown',
    ],
  })
  async create(
    @Body(validatedBody(CreateSipTrunkBody)) body: CreateSipTrunkBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const { position, result } = await this.commands.submit(request, reply, 'create_sip_trunk', body, accountId);
    const shown = await this.trunks.decided(request, await this.decided.at(position, 'SipTrunkCreated'), accountId);
    return { ...shown, warnings: warningBodies(result['warnings']) };
  }
}
