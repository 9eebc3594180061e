import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import { type AccountId, parseSubjectId, type SubjectId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountFor, callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { edgeProblem, HttpProblem, refusalProblems, status } from '../../problem.js';
import { EraseSubjectBody } from './erase-subject.dto.js';

@Controller('api/v1/accounts')
export class EraseSubjectController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
  ) {}

  @Post(':account_id/subjects/erase')
  @Operation({
    id: 'eraseSubject',
    tag: 'Accounts',
    summary: 'Erase a personal value',
    says: 'Its data key is destroyed: wherever the value stands, it can never be read again. Proofs, money and usage stay whole.',
    access: { scopes: ['accounts:admin'], operatorsOnly: false },
    answer: { status: status.ok, says: 'The value is erased.', schema: 'SubjectErased' },
    command: true,
    problems: ['not_found', 'account_unknown', 'subject_unknown'],
  })
  async erase(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(EraseSubjectBody)) body: EraseSubjectBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, accountIdText, 'path');
    const subjectId = await this.#subjectOf(accountId, body);
    const { position } = await this.submission.submit(
      {
        caller,
        stream: accountId,
        wish: { type: 'EraseSubject', accountId, subjectId },
        // By its id: the value itself is gone after this, and a retry must still be the same request.
        fields: { subject_id: subjectId },
        result: { subject_id: subjectId },
      },
      request,
      reply,
    );
    // The log says so first; then it is so. A crash in between is made good at the next start.
    await this.vault.erase(subjectId);
    return { account_id: accountId, subject_id: subjectId, position };
  }

  async #subjectOf(accountId: AccountId, { value, subject_id: id }: EraseSubjectBody): Promise<SubjectId> {
    const [byValue, byId] = [value ?? undefined, id ?? undefined];
    if ((byValue === undefined) === (byId === undefined)) {
      throw edgeProblem('validation_failed', 'exactly one of value and subject_id is needed', {
        errors: [
          { in: 'body', path: ['value'], rule: 'exclusive', detail: 'exactly one of value and subject_id is needed' },
        ],
      });
    }
    const found = byValue === undefined ? parseSubjectId(byId ?? '') : await this.vault.find(accountId, byValue);
    if (found !== undefined) return found;
    throw new HttpProblem('subject_unknown', refusalProblems.subject_unknown, 'no such value of this account is known');
  }
}
