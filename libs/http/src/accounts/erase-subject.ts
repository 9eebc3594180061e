import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { parseSubjectId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';

/** Body of the request: one of the two fields names the subject. */
class EraseSubjectBody extends commandBody('erase_subject') {}

@Controller('api/v1/accounts')
export class EraseSubjectController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
  ) {}

  @Post(':account_id/subjects/erase')
  @Operation({
    id: 'eraseSubject',
    tag: 'Accounts',
    summary: 'Erase a personal value',
    description:
      'Its data key is destroyed: wherever the value is kept, it can never be read again. Proofs, money and usage stay whole. A subject that was erased before is answered with its first erasure; one that is nobody’s, or another account’s, with 404, and nothing is recorded.',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'account' },
    answer: { status: status.ok, description: 'The value is erased.', schema: 'SubjectErased' },
    command: true,
    problems: ['not_found', 'account_unknown', 'subject_unknown', 'subject_in_use'],
  })
  async erase(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(EraseSubjectBody)) body: EraseSubjectBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accepted = await this.commands.submitForAccount(request, reply, 'erase_subject', body, accountIdText);
    const { accountId, position, result } = accepted;
    // When a request is repeated after the erasure, only the outcome names its subject.
    const { subject_id: named } = result;
    const subjectId = typeof named === 'string' ? parseSubjectId(named) : undefined;
    invariant(subjectId !== undefined, 'an accepted erasure names its subject');
    // The erasure is recorded first, and then carried out. After a crash in between, the next start completes it.
    await this.vault.erase(accountId, subjectId);
    return { account_id: accountId, subject_id: subjectId, position };
  }
}
