import { Body, Controller, Delete, Inject, Param, Req, Res } from '@nestjs/common';
import { parseVoiceAppId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { NoFields } from '../edge/no-fields.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';

@Controller('api/v1/voice/apps')
export class DeleteVoiceAppController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Delete(':voice_app_id')
  @Operation({
    id: 'deleteVoiceApp',
    tag: 'Apps',
    summary: 'Delete a voice app',
    description: 'An app that numbers are assigned to is not deleted: unassign them first.',
    access: { scopes: ['apps:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The app is deleted.', schema: 'Deletion' },
    command: true,
    problems: ['not_found', 'voice_app_unknown', 'voice_app_in_use'],
  })
  async delete(
    @Param('voice_app_id') idText: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const appId = parseVoiceAppId(idText);
    if (appId === undefined) throw edgeProblem('not_found', 'there is no such voice app');
    await this.commands.submit(request, reply, 'delete_voice_app', { voice_app_id: appId }, accountId);
    return { success: true, message: 'The voice app is deleted.' };
  }
}
