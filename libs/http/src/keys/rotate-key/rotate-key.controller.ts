import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { mintSecret, secretHintOf } from '@ringfence/application/auth/key-secret';
import { SecretHasher } from '@ringfence/application/auth/secret-hasher';
import { platformStream } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { KeyFinder } from '../key-finder.js';
import { overlapSecondsDefault, RotateKeyBody } from './rotate-key.dto.js';

@Controller('api/v1/keys')
export class RotateKeyController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(KeyFinder) private readonly keys: KeyFinder,
    @Inject(SecretHasher) private readonly hasher: SecretHasher,
  ) {}

  @Post(':key_id/rotate')
  @Operation({
    id: 'rotateKey',
    tag: 'Keys',
    summary: 'Give a key a new secret',
    says: 'The new secret is in this answer and nowhere else; the old one stays good for the overlap.',
    access: { scopes: ['keys:write'], operatorsOnly: false },
    answer: { status: status.ok, says: 'The new secret.', schema: 'RotatedKey' },
    command: true,
    problems: ['not_found', 'key_unknown', 'key_revoked', 'key_expired', 'key_not_rotatable', 'overlap_too_long'],
  })
  async rotate(
    @Param('key_id') keyIdText: string,
    @Body(validatedBody(RotateKeyBody)) body: RotateKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const { keyId, accountId, mode } = await this.keys.find(caller, keyIdText);
    const overlapSeconds = body.overlap_seconds ?? overlapSecondsDefault;
    const secret = mintSecret(mode);
    const secretHint = secretHintOf(secret);
    const accepted = await this.submission.submit(
      {
        caller,
        stream: accountId ?? platformStream,
        wish: {
          type: 'RotateKey',
          accountId,
          keyId,
          digest: this.hasher.digestOf(secret),
          secretHint,
          overlapMs: durationMs(overlapSeconds * 1_000),
        },
        fields: { key_id: keyId, overlap_seconds: overlapSeconds },
        result: { key_id: keyId, secret_hint: secretHint },
      },
      request,
      reply,
    );
    void reply.header('cache-control', 'no-store');
    return {
      id: keyId,
      account_id: accountId,
      secret: accepted.replayed ? null : secret.text,
      secret_already_shown: accepted.replayed,
      secret_hint: accepted.result['secret_hint'],
      position: accepted.position,
    };
  }
}
