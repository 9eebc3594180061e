import { Inject, Injectable } from '@nestjs/common';
import type { RequestContext, CommandRequest } from '@ringfence/requests/command-request';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountFor, callerOf } from '../edge/access.js';
import { CommandSubmission } from '../edge/submission.js';

/** Commands about an account that the path names. */
@Injectable()
export class AccountCommands {
  constructor(@Inject(CommandSubmission) private readonly submission: CommandSubmission) {}

  /** @returns the body of the answer: what changed, and where it stands in the log */
  async run(
    accountIdText: string,
    draftFor: (asking: RequestContext) => Promise<CommandRequest>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, accountIdText, 'path');
    const draft = await draftFor(this.submission.asking(caller, accountId, request));
    const { position } = await this.submission.submit(caller, draft, request, reply);
    return { id: accountId, ...draft.fields, position };
  }
}
