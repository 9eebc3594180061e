import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import { type IdSource, parseAccountId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { ID_SOURCE } from '../../edge/ports.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { OpenAccountBody } from './open-account.dto.js';

@Controller('api/v1/accounts')
export class OpenAccountController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Post()
  @Operation({
    id: 'openAccount',
    tag: 'Accounts',
    summary: 'Open an account',
    says: 'It can place calls once it is verified and, for live ones, has credit. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.created, says: 'The account is open.', schema: 'AccountOpened' },
    command: true,
    problems: ['time_zone_invalid', 'account_already_open', 'presenter_not_allowed'],
  })
  async open(
    @Body(validatedBody(OpenAccountBody)) body: OpenAccountBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { name, currency } = body;
    const [region, timeZone] = [body.region ?? 'eu', body.time_zone ?? 'UTC'];
    // The stream is the account's own: the same Idempotency-Key must lead to the same account, so its id is drawn from the key.
    const caller = callerOf(request);
    const accountId = this.submission.accountIdFor(caller, request) ?? this.ids.accountId();
    const accepted = await this.submission.submit(
      {
        caller,
        stream: accountId,
        wish: {
          type: 'OpenAccount',
          accountId,
          name: await this.vault.seal(accountId, name),
          currency,
          region,
          timeZone,
        },
        fields: { name, currency, region, time_zone: timeZone },
        result: { account_id: accountId },
      },
      request,
      reply,
    );
    const first = accepted.result['account_id'];
    const id = (typeof first === 'string' ? parseAccountId(first) : undefined) ?? accountId;
    return { id, name, currency, region, time_zone: timeZone, status: 'unverified', position: accepted.position };
  }
}
