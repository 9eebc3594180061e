import { Inject, Injectable } from '@nestjs/common';
import type { Wish } from '@ringfence/application/lane/command-dispatcher';
import type { AccountId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
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
    wishOf: (accountId: AccountId) => Wish | Promise<Wish>,
    change: JsonObject,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, accountIdText, 'path');
    const wanted = {
      caller,
      stream: accountId,
      wish: await wishOf(accountId),
      fields: change,
      result: { account_id: accountId },
    };
    const { position } = await this.submission.submit(wanted, request, reply);
    return { id: accountId, ...change, position };
  }
}
