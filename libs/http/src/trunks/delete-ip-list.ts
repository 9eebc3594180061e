import { Body, Controller, Delete, Inject, Param, Req, Res } from '@nestjs/common';
import { parseIpListId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { NoFields } from '../edge/no-fields.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';

@Controller('api/v1/sip/ip-acls')
export class DeleteIpListController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Delete(':ip_acl_id')
  @Operation({
    id: 'deleteIpList',
    tag: 'Trunks',
    summary: 'Delete an IP list',
    description: 'It is refused while a trunk uses the list.',
    access: { scopes: ['trunks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The list is deleted.', schema: 'Deletion' },
    command: true,
    problems: ['not_found', 'ip_list_unknown', 'ip_list_in_use'],
  })
  async delete(
    @Param('ip_acl_id') idText: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const ipListId = parseIpListId(idText);
    if (ipListId === undefined) throw edgeProblem('not_found', 'there is no such IP list');
    await this.commands.submit(request, reply, 'delete_ip_list', { ip_acl_id: ipListId }, accountId);
    return { success: true, message: 'The IP list is deleted.' };
  }
}
