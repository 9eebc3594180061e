import { Body, Controller, Delete, Inject, Param, Req, Res } from '@nestjs/common';
import { parseWebhookSecretId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { NoFields } from '../edge/no-fields.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';

@Controller('api/v1/secrets')
export class DeleteWebhookSecretController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Delete(':secret_id')
  @Operation({
    id: 'deleteWebhookSecret',
    tag: 'Webhooks',
    summary: 'Delete a webhook secret',
    description: 'Nothing is signed with it any more. It is refused while an app or a trunk uses the secret.',
    access: { scopes: ['webhooks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The secret is deleted.', schema: 'Deletion' },
    command: true,
    problems: ['not_found', 'webhook_secret_unknown', 'webhook_secret_in_use'],
  })
  async delete(
    @Param('secret_id') idText: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const secretId = parseWebhookSecretId(idText);
    if (secretId === undefined) throw edgeProblem('not_found', 'there is no such secret');
    await this.commands.submit(request, reply, 'delete_webhook_secret', { secret_id: secretId }, accountId);
    return { success: true, message: 'The webhook secret is deleted.' };
  }
}
