import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { mintSecret, secretHintOf } from '@ringfence/application/auth/key-secret';
import { policyHashOf } from '@ringfence/application/auth/policy-hash';
import { SecretHasher } from '@ringfence/application/auth/secret-hasher';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import { type IdSource, platformStream } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { ID_SOURCE } from '../../edge/ports.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { homeOf } from '../key-home.js';
import { policyBody, policyFrom, sentFields } from '../policy-of.js';
import { IssueKeyBody } from './issue-key.dto.js';

@Controller('api/v1/keys')
export class IssueKeyController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(SecretHasher) private readonly hasher: SecretHasher,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Post()
  @Operation({
    id: 'issueKey',
    tag: 'Keys',
    summary: 'Issue a key',
    says: 'Its secret is in this answer and nowhere else. The same Idempotency-Key gives the same key without its secret.',
    access: { scopes: ['keys:write'], operatorsOnly: false },
    answer: { status: status.created, says: 'The key.', schema: 'IssuedKey' },
    command: true,
    problems: ['not_found', 'account_unknown', 'policy_invalid', 'presenter_not_allowed', 'account_suspended'],
  })
  async issue(
    @Body(validatedBody(IssueKeyBody)) body: IssueKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = homeOf(caller, body.account_id);
    const stream = accountId ?? platformStream;
    const { label, mode } = body;
    const policy = await policyFrom(body, undefined, this.vault, stream);
    const secret = mintSecret(mode);
    const keyId = this.ids.keyId();
    const secretHint = secretHintOf(secret);
    const accepted = await this.submission.submit(
      {
        caller,
        stream,
        wish: {
          type: 'IssueKey',
          accountId,
          keyId,
          mode,
          label: await this.vault.seal(stream, label),
          digest: this.hasher.digestOf(secret),
          secretHint,
          policy,
          policyHash: policyHashOf(policy),
        },
        fields: sentFields(body),
        result: { key_id: keyId, secret_hint: secretHint },
      },
      request,
      reply,
    );
    void reply.header('cache-control', 'no-store');
    return {
      id: accepted.result['key_id'],
      account_id: accountId,
      mode,
      label,
      secret: accepted.replayed ? null : secret.text,
      secret_already_shown: accepted.replayed,
      secret_hint: accepted.result['secret_hint'],
      ...policyBody(policy, body.caller_numbers ?? null),
      position: accepted.position,
    };
  }
}
