import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { NumberKind } from '@ringfence/domain/limits/numbering-plan';
import { publicCommands } from '@ringfence/wire/public-commands';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { BodyField } from '../edge/fields.js';

const { fields } = publicCommands.open_number_range;

export class OpenNumberRangeBody {
  @BodyField(fields.prefix, { description: 'What its numbers begin with: digits without +.', example: '1565' })
  prefix!: string;

  @BodyField(fields.territory, {
    description: 'ISO 3166-1 alpha-2; null: its numbers belong to no territory.',
    example: 'US',
  })
  territory?: string | null;

  @BodyField(fields.kind, { description: 'What its numbers are for.', example: 'fixed_line_or_mobile' })
  kind!: Exclude<NumberKind, 'sandbox'>;

  @BodyField(fields.effective_from, { description: 'A moment to come; null: from now on.' })
  effective_from?: string | null;

  @BodyField(fields.effective_until, { description: 'When it ends; null: it does not.' })
  effective_until?: string | null;
}

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
    const { made, position } = await this.commands.submit(request, reply, 'open_number_range', body, null);
    return { ...made.fields, position };
  }
}
