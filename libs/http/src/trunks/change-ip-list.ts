import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { parseIpListId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { warningBodies } from '../calls/warnings.js';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { IpListReader } from './ip-list-reader.js';

class ChangeIpListBody extends commandBody('change_ip_list') {}

@Controller('api/v1/sip/ip-acls')
export class ChangeIpListController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(IpListReader) private readonly lists: IpListReader,
  ) {}

  @Patch(':ip_acl_id')
  @Operation({
    id: 'changeIpList',
    tag: 'Trunks',
    summary: 'Rename an IP list, or replace its addresses',
    description: 'Fields that are left out stay as they are; `addresses` replaces all of them, for every trunk.',
    access: { scopes: ['trunks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The list from now on.', schema: 'IpListWithWarnings' },
    command: true,
    problems: ['not_found', 'validation_failed', 'ip_list_unknown'],
  })
  async change(
    @Param('ip_acl_id') idText: string,
    @Body(validatedBody(ChangeIpListBody)) body: ChangeIpListBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const ipListId = parseIpListId(idText);
    if (ipListId === undefined) throw edgeProblem('not_found', 'there is no such IP list');
    const named = Object.assign(body, { ip_acl_id: ipListId });
    const { position, result } = await this.commands.submit(request, reply, 'change_ip_list', named, accountId);
    const shown = await this.lists.decided(request, await this.decided.at(position, 'IpListChanged'), accountId);
    return { ...shown, warnings: warningBodies(result['warnings']) };
  }
}
