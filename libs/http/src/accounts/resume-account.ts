import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { NoFields } from '../edge/no-fields.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { AccountCommands } from './account-commands.js';

@Controller('api/v1/accounts')
export class ResumeAccountController {
  constructor(
    @Inject(AccountCommands) private readonly commands: AccountCommands,
    @Inject(REQUEST_BUILDERS) private readonly drafts: RequestBuilders,
  ) {}

  @Post(':account_id/resume')
  @Operation({
    id: 'resumeAccount',
    tag: 'Accounts',
    summary: 'Resume a suspended account',
    description: 'It is what it was before it was suspended; calls that were ended stay ended. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'The account is resumed.', schema: 'AccountResumed' },
    command: true,
    problems: ['not_found', 'account_unknown', 'account_not_suspended', 'presenter_not_allowed'],
  })
  async resume(
    @Param('account_id') accountId: string,
    @Body(validatedBody(NoFields)) _body: NoFields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.commands.run(accountId, (asking) => this.drafts.resume_account({}, asking), request, reply);
  }
}
