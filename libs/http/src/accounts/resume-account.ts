import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { NoFields } from '../edge/no-fields.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';

@Controller('api/v1/accounts')
export class ResumeAccountController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post(':account_id/resume')
  @Operation({
    id: 'resumeAccount',
    tag: 'Accounts',
    summary: 'Resume a suspended account',
    description: 'It is what it was before it was suspended; calls that were ended stay ended. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'The account is resumed.', schema: 'AccountResumed' },
    command: true,
    problems: ['not_found', 'account_unknown', 'account_not_suspended'],
  })
  async resume(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accepted = await this.commands.submitForAccount(request, reply, 'resume_account', {}, accountIdText);
    const { accountId, commandRequest, position } = accepted;
    return { id: accountId, ...commandRequest.fields, position };
  }
}
