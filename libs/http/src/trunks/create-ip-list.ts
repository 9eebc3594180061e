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
import { IpListReader } from './ip-list-reader.js';

class CreateIpListBody extends commandBody('create_ip_list') {}

@Controller('api/v1/sip/ip-acls')
export class CreateIpListController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(IpListReader) private readonly lists: IpListReader,
  ) {}

  @Post()
  @Operation({
    id: 'createIpList',
    tag: 'Trunks',
    summary: 'Create an IP list',
    description:
      'It belongs to the mode of the key; an account has at most 100 in each mode. In this release no call comes over a SIP trunk, so a list admits and rejects none: `warnings` says so.',
    access: { scopes: ['trunks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.created, description: 'The list.', schema: 'IpListWithWarnings' },
    command: true,
    problems: ['validation_failed', 'ip_lists_exhausted'],
  })
  async create(
    @Body(validatedBody(CreateIpListBody)) body: CreateIpListBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const { position, result } = await this.commands.submit(request, reply, 'create_ip_list', body, accountId);
    const shown = await this.lists.decided(request, await this.decided.at(position, 'IpListCreated'), accountId);
    return { ...shown, warnings: warningBodies(result['warnings']) };
  }
}
