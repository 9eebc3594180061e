import { Body, Controller, Delete, Inject, Param, Req, Res } from '@nestjs/common';
import { parseSipTrunkId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { NoFields } from '../edge/no-fields.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';

@Controller('api/v1/sip/trunks')
export class DeleteSipTrunkController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Delete(':sip_trunk_id')
  @Operation({
    id: 'deleteSipTrunk',
    tag: 'Trunks',
    summary: 'Delete a SIP trunk',
    description: 'A trunk that numbers are assigned to is not deleted: unassign them first.',
    access: { scopes: ['trunks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The trunk is deleted.', schema: 'Deletion' },
    command: true,
    problems: ['not_found', 'sip_trunk_unknown', 'sip_trunk_in_use'],
  })
  async delete(
    @Param('sip_trunk_id') idText: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const trunkId = parseSipTrunkId(idText);
    if (trunkId === undefined) throw edgeProblem('not_found', 'there is no such SIP trunk');
    await this.commands.submit(request, reply, 'delete_sip_trunk', { sip_trunk_id: trunkId }, accountId);
    return { success: true, message: 'The SIP trunk is deleted.' };
  }
}
