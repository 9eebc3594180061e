import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { CallerKeys } from './caller-keys.js';
import { PolicyFields } from './policy-fields.js';
import { openedPolicyBody } from './policy-of.js';

@Controller('api/v1/keys')
export class ChangeKeyPolicyController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(CallerKeys) private readonly keys: CallerKeys,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
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
    problems: ['not_found', 'key_already_revoked', 'policy_invalid', 'scope_missing', 'presenter_not_allowed'],
  })
  async change(
    @Param('key_id') keyIdText: string,
    @Body(validatedBody(PolicyFields)) body: PolicyFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { keyId, accountId } = await this.keys.find(callerOf(request), keyIdText);
    const named = Object.assign(body, { key_id: keyId });
    const { position } = await this.commands.submit(request, reply, 'change_key_policy', named, accountId);
    const { policy } = await this.decided.at(position, 'KeyPolicyChanged');
    return { id: keyId, account_id: accountId, ...(await openedPolicyBody(policy, this.vault)), position };
  }
}
