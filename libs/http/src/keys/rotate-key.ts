import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';
import { CallerKeys } from './caller-keys.js';

class RotateKeyBody extends commandBody('rotate_key') {}

@Controller('api/v1/keys')
export class RotateKeyController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(CallerKeys) private readonly keys: CallerKeys,
  ) {}

  @Post(':key_id/rotate')
  @Operation({
    id: 'rotateKey',
    tag: 'Keys',
    summary: 'Give a key a new secret',
    description:
      'The new secret is in this answer and nowhere else; the old one stays good for the overlap. Child keys stay as they are.',
    access: { scopes: ['keys:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The new secret.', schema: 'RotatedKey' },
    command: true,
    problems: [
      'not_found',
      'key_already_revoked',
      'key_expired',
      'key_not_rotatable',
      'scope_missing',
      'presenter_not_allowed',
    ],
  })
  async rotate(
    @Param('key_id') keyIdText: string,
    @Body(validatedBody(RotateKeyBody)) body: RotateKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { keyId, accountId } = await this.keys.find(callerOf(request), keyIdText);
    const named = Object.assign(body, { key_id: keyId });
    const accepted = await this.commands.submit(request, reply, 'rotate_key', named, accountId);
    void reply.header('cache-control', 'no-store');
    return {
      id: keyId,
      account_id: accountId,
      secret: accepted.replayed ? null : (accepted.commandRequest.secret?.text ?? null),
      secret_already_shown: accepted.replayed,
      secret_hint: accepted.result['secret_hint'],
      position: accepted.position,
    };
  }
}
