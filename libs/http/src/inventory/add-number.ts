import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { inventoryStream } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';

class AddNumberBody extends commandBody('add_number') {}

@Controller('api/v1/inventory/numbers')
export class AddNumberController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post()
  @Operation({
    id: 'addNumber',
    tag: 'Numbers',
    summary: 'Add a number for an account',
    description:
      'Exactly one account has a number at a time. The account has it a moment later; if there is no such account, the number is released again. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.created, description: 'It is on its way to the account.', schema: 'NumberAdded' },
    command: true,
    problems: ['number_invalid', 'number_range_unknown', 'number_already_added', 'numbers_exhausted'],
  })
  async add(
    @Body(validatedBody(AddNumberBody)) body: AddNumberBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const added = await this.commands.submit(request, reply, 'add_number', body, inventoryStream);
    return { id: added.result['number_id'], ...added.commandRequest.fields, position: added.position };
  }
}
