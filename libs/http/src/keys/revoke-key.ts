import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';
import { CallerKeys } from './caller-keys.js';

class RevokeKeyBody extends commandBody('revoke_key') {}

@Controller('api/v1/keys')
export class RevokeKeyController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(CallerKeys) private readonly keys: CallerKeys,
  ) {}

  @Post(':key_id/revoke')
  @Operation({
    id: 'revokeKey',
    tag: 'Keys',
    summary: 'Revoke a key',
    description:
      'From the position of this answer on nothing is issued by the key, or by a key below it, any more; their live calls end as the stricter of their policies says.',
    access: { scopes: ['keys:write'], operatorsOnly: false, modes: 'test_below' },
    answer: { status: status.ok, description: 'The key is revoked.', schema: 'RevokedKey' },
    command: true,
    urgent: true,
    problems: ['not_found', 'key_already_revoked'],
  })
  async revoke(
    @Param('key_id') keyIdText: string,
    @Body(validatedBody(RevokeKeyBody)) body: RevokeKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { keyId, accountId } = await this.keys.find(callerOf(request), keyIdText);
    const named = Object.assign(body, { key_id: keyId });
    const { commandRequest, position } = await this.commands.submit(request, reply, 'revoke_key', named, accountId);
    return { id: keyId, account_id: accountId, status: 'revoked', reason: commandRequest.payload.reason, position };
  }
}
