import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { policyHashOf } from '@ringfence/application/auth/policy-hash';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import { platformStream } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { KeyFinder } from '../key-finder.js';
import { PolicyFields } from '../policy.dto.js';
import { policyBody, policyFrom, sentFields } from '../policy-of.js';

@Controller('api/v1/keys')
export class ChangeKeyPolicyController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(KeyFinder) private readonly keys: KeyFinder,
  ) {}

  @Patch(':key_id/policy')
  @Operation({
    id: 'changeKeyPolicy',
    tag: 'Keys',
    summary: 'Change what a key may do',
    says: 'Fields that are left out stay as they are. It holds for the next call; calls that live keep what they were placed under.',
    access: { scopes: ['keys:write'], operatorsOnly: false },
    answer: { status: status.ok, says: 'The policy from now on.', schema: 'ChangedKeyPolicy' },
    command: true,
    problems: ['not_found', 'key_unknown', 'key_revoked', 'policy_invalid'],
  })
  async change(
    @Param('key_id') keyIdText: string,
    @Body(validatedBody(PolicyFields)) body: PolicyFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const { keyId, accountId, policy: before } = await this.keys.find(caller, keyIdText);
    const stream = accountId ?? platformStream;
    const policy = await policyFrom(body, before, this.vault, stream);
    const { position } = await this.submission.submit(
      {
        caller,
        stream,
        wish: { type: 'ChangeKeyPolicy', accountId, keyId, policy, policyHash: policyHashOf(policy) },
        fields: { key_id: keyId, ...sentFields(body) },
        result: { key_id: keyId },
      },
      request,
      reply,
    );
    const numbers = policy.callerNumbers === null ? null : await this.vault.open(policy.callerNumbers);
    return { id: keyId, account_id: accountId, ...policyBody(policy, numbers), position };
  }
}
