import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import { platformStream } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { CallerKeys } from './caller-keys.js';
import { DecidedKeys } from './decided-keys.js';
import { PolicyFields } from './policy-fields.js';
import { policyBody } from './policy-of.js';

@Controller('api/v1/keys')
export class ChangeKeyPolicyController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(REQUEST_BUILDERS) private readonly drafts: RequestBuilders,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(CallerKeys) private readonly keys: CallerKeys,
    @Inject(DecidedKeys) private readonly decided: DecidedKeys,
  ) {}

  @Patch(':key_id/policy')
  @Operation({
    id: 'changeKeyPolicy',
    tag: 'Keys',
    summary: 'Change what a key may do',
    description:
      'Fields that are left out stay as they are. It holds for the next call; calls that live keep what they were placed under. Its child keys are narrowed with it. A bounded key changes itself and its child keys alone.',
    access: { scopes: ['keys:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The policy from now on.', schema: 'ChangedKeyPolicy' },
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
    const { keyId, accountId } = await this.keys.find(caller, keyIdText);
    const asking = this.submission.asking(caller, accountId ?? platformStream, request);
    const draft = await this.drafts.change_key_policy(Object.assign(body, { key_id: keyId }), asking);
    const { position } = await this.submission.submit(caller, draft, request, reply);
    const { policy } = await this.decided.at(position, 'KeyPolicyChanged');
    const numbers = policy.callerNumbers === null ? null : await this.vault.open(policy.callerNumbers);
    return { id: keyId, account_id: accountId, ...policyBody(policy, numbers), position };
  }
}
