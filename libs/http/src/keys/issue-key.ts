import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { homeOfNewKey } from './key-home.js';
import { openedPolicyBody } from './policy-of.js';
import { PolicyFields } from './policy-fields.js';

class IssueKeyBody extends commandBody('issue_key', PolicyFields) {}

@Controller('api/v1/keys')
export class IssueKeyController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
  ) {}

  @Post()
  @Operation({
    id: 'issueKey',
    tag: 'Keys',
    summary: 'Issue a key',
    description:
      'Its secret is in this answer and nowhere else. The same Idempotency-Key gives the same key without its secret. A key that is bounded in anything issues child keys: what is left out is taken from it, what goes beyond it is refused, and what they use counts against it.',
    access: { scopes: ['keys:write'], operatorsOnly: false, modes: 'test_below' },
    answer: { status: status.created, description: 'The key.', schema: 'IssuedKey' },
    command: true,
    problems: ['not_found', 'account_unknown', 'policy_invalid', 'scope_missing', 'presenter_not_allowed'],
  })
  async issue(
    @Body(validatedBody(IssueKeyBody)) body: IssueKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = homeOfNewKey(callerOf(request), body.account_id);
    const accepted = await this.commands.submit(request, reply, 'issue_key', body, accountId);
    const { policy, parentKeyId } = await this.decided.at(accepted.position, 'KeyIssued');
    void reply.header('cache-control', 'no-store');
    return {
      id: accepted.result['key_id'],
      account_id: accountId,
      mode: body.mode,
      parent_key_id: parentKeyId,
      label: body.label,
      secret: accepted.replayed ? null : (accepted.commandRequest.secret?.text ?? null),
      secret_already_shown: accepted.replayed,
      secret_hint: accepted.result['secret_hint'],
      ...(await openedPolicyBody(policy, this.vault)),
      position: accepted.position,
    };
  }
}
