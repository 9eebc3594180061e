import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import { platformStream } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { CommandSubmission } from '../../edge/submission.js';
import { validatedBody } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { OpenNumberRangeBody } from './open-number-range.dto.js';

@Controller('api/v1/number-ranges')
export class OpenNumberRangeController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(REQUEST_BUILDERS) private readonly drafts: RequestBuilders,
  ) {}

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
    problems: ['number_range_invalid', 'presenter_not_allowed'],
  })
  async open(
    @Body(validatedBody(OpenNumberRangeBody)) body: OpenNumberRangeBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const draft = await this.drafts.open_number_range(body, this.submission.asking(caller, platformStream, request));
    const { position } = await this.submission.submit(caller, draft, request, reply);
    return { ...draft.fields, position };
  }
}
