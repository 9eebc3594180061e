import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/application/personal-data/subject-vault';
import { micros } from '@ringfence/kernel/units';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../../edge/operation.js';
import { validatedBody } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { AccountCommands } from '../account-commands.js';
import { AddCreditBody } from './add-credit.dto.js';

@Controller('api/v1/accounts')
export class AddCreditController {
  constructor(
    @Inject(AccountCommands) private readonly commands: AccountCommands,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
  ) {}

  @Post(':account_id/credit')
  @Operation({
    id: 'addCredit',
    tag: 'Accounts',
    summary: 'Add credit',
    says: 'Send an Idempotency-Key: a retry without one is a second payment. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, says: 'The money is in the book.', schema: 'CreditAdded' },
    command: true,
    problems: ['not_found', 'account_unknown', 'amount_invalid', 'presenter_not_allowed'],
  })
  async add(
    @Param('account_id') accountId: string,
    @Body(validatedBody(AddCreditBody)) body: AddCreditBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { mode, amount_micros, reference = null } = body;
    return this.commands.run(
      accountId,
      async (id) => ({
        type: 'AddCredit',
        accountId: id,
        mode,
        amountMicros: micros(BigInt(amount_micros)),
        reference: reference === null ? null : await this.vault.seal(id, reference),
      }),
      { mode, amount_micros, reference },
      request,
      reply,
    );
  }
}
