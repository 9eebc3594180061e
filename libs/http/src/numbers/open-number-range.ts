import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';

class OpenNumberRangeBody extends commandBody('open_number_range') {}

@Controller('api/v1/number-ranges')
export class OpenNumberRangeController {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  @Post()
  @Operation({
    id: 'openNumberRange',
    tag: 'Numbers',
    summary: 'Say what a range is that the numbering data does not know',
    description:
      'Calls to it are no longer refused with number_range_unknown. What the data knows stays as it is. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.created, description: 'It is recorded.', schema: 'NumberRangeOpened' },
    command: true,
    problems: ['number_range_invalid'],
  })
  async open(
    @Body(validatedBody(OpenNumberRangeBody)) body: OpenNumberRangeBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { commandRequest, position } = await this.commands.submit(request, reply, 'open_number_range', body, null);
    return { ...commandRequest.fields, position };
  }
}
