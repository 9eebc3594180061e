import { Body, Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody, validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { SelectionQuery, withConditions } from './selection-query.js';

class UnassignNumbersBody extends commandBody('unassign_numbers') {}

@Controller('api/v1/virtual-numbers')
export class UnassignNumbersController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post('unassign')
  @Operation({
    id: 'unassignNumbers',
    tag: 'Numbers',
    summary: 'Unassign numbers from their voice app or SIP trunk',
    description: 'A number that is assigned to nothing stays so. The numbers are named as for assigning them.',
    access: { scopes: ['numbers:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'Done, for all of them.', schema: 'VirtualNumbersAssigned' },
    command: true,
    problems: ['validation_failed', 'number_unknown', 'no_numbers_selected'],
  })
  async unassign(
    @Body(validatedBody(UnassignNumbersBody)) body: UnassignNumbersBody,
    @Query(validatedQuery(SelectionQuery)) query: SelectionQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const named = withConditions(body, query);
    const { position } = await this.commands.submit(request, reply, 'unassign_numbers', named, accountId);
    return { success: true, message: 'The numbers are unassigned.', position };
  }
}
