import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { parseSipTrunkId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { warningBodies } from '../calls/warnings.js';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { SipTrunkReader } from './sip-trunk-reader.js';

class ChangeSipTrunkBody extends commandBody('change_sip_trunk') {}

@Controller('api/v1/sip/trunks')
export class ChangeSipTrunkController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(SipTrunkReader) private readonly trunks: SipTrunkReader,
  ) {}

  @Patch(':sip_trunk_id')
  @Operation({
    id: 'changeSipTrunk',
    tag: 'Trunks',
    summary: 'Change a SIP trunk',
    description:
      'Fields that are left out stay as they are; null removes channel_limit, cps_limit, inbound_route, webhook_url and secret_id. What callers are recognised by is replaced as a whole, with its authentication_type. `warnings` names every field of the request that has no effect in this release.',
    access: { scopes: ['trunks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The trunk from now on.', schema: 'SipTrunkWithWarnings' },
    command: true,
    problems: [
      'not_found',
      'validation_failed',
      'sip_trunk_unknown',
      'sip_trunk_invalid',
      'trunk_secret_unknown',
      'trunk_ip_list_unknown',
    ],
  })
  async change(
    @Param('sip_trunk_id') idText: string,
    @Body(validatedBody(ChangeSipTrunkBody)) body: ChangeSipTrunkBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const trunkId = parseSipTrunkId(idText);
    if (trunkId === undefined) throw edgeProblem('not_found', 'there is no such SIP trunk');
    const named = Object.assign(body, { sip_trunk_id: trunkId });
    const { position, result } = await this.commands.submit(request, reply, 'change_sip_trunk', named, accountId);
    const shown = await this.trunks.decided(request, await this.decided.at(position, 'SipTrunkChanged'), accountId);
    return { ...shown, warnings: warningBodies(result['warnings']) };
  }
}
