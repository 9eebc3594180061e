import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { policyHashOf } from '@ringfence/application/auth/policy-hash';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import { type IdSource, platformStream } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { ID_SOURCE } from '../../edge/ports.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { publicKeyJwk } from '../key-bodies.js';
import { homeOf } from '../key-home.js';
import { policyBody, policyFrom, sentFields } from '../policy-of.js';
import { RegisterSigningKeyBody } from './register-signing-key.dto.js';

@Controller('api/v1/signing-keys')
export class RegisterSigningKeyController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Post()
  @Operation({
    id: 'registerSigningKey',
    tag: 'Keys',
    summary: 'Register a signing key',
    says: 'It signs commands on the topic and opens no door over HTTP. It is listed, changed and revoked as every key, and never rotated: register another and revoke this one.',
    access: { scopes: ['keys:write'], operatorsOnly: false },
    answer: { status: status.created, says: 'The key.', schema: 'RegisteredSigningKey' },
    command: true,
    problems: ['not_found', 'account_unknown', 'policy_invalid', 'public_key_invalid', 'presenter_not_allowed'],
  })
  async register(
    @Body(validatedBody(RegisterSigningKeyBody)) body: RegisterSigningKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = homeOf(caller, body.account_id);
    const stream = accountId ?? platformStream;
    const { label, mode } = body;
    const { x: publicKey } = body.public_key;
    const policy = await policyFrom(body, undefined, this.vault, stream);
    const keyId = this.ids.keyId();
    const accepted = await this.submission.submit(
      {
        caller,
        stream,
        wish: {
          type: 'RegisterSigningKey',
          accountId,
          keyId,
          mode,
          label: await this.vault.seal(stream, label),
          publicKey,
          policy,
          policyHash: policyHashOf(policy),
        },
        fields: sentFields(body),
        result: { key_id: keyId },
      },
      request,
      reply,
    );
    return {
      id: accepted.result['key_id'],
      account_id: accountId,
      mode,
      label,
      kind: 'signing',
      public_key: publicKeyJwk(publicKey),
      ...policyBody(policy, body.caller_numbers ?? null),
      position: accepted.position,
    };
  }
}
