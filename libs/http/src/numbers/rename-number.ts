import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { FindNumber } from '@ringfence/read-models/numbers/number.handlers';
import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { ReadGate } from '../edge/reading.js';
import { numberIdIn, NumberReader, numberReadModels } from './number-reader.js';

class RenameNumberBody extends commandBody('rename_number') {}

@Controller('api/v1/virtual-numbers')
export class RenameNumberController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(NumberReader) private readonly reader: NumberReader,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Patch(':number_id')
  @Operation({
    id: 'renameNumber',
    tag: 'Numbers',
    summary: 'Rename a number',
    access: { scopes: ['numbers:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The number under its new name.', schema: 'VirtualNumberRenamed' },
    command: true,
    problems: ['not_found', 'number_unknown'],
  })
  async rename(
    @Param('number_id') numberIdText: string,
    @Body(validatedBody(RenameNumberBody)) body: RenameNumberBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const numberId = numberIdIn(numberIdText);
    const accountId = callerOf(request).accountId ?? (await this.#ownerOf(numberId));
    const named = Object.assign(body, { number_id: numberId });
    const { commandRequest, position } = await this.commands.submit(request, reply, 'rename_number', named, accountId);
    const added = await this.reader.added(numberId);
    await this.gate.wait(request, null, numberReadModels);
    const assignedTo = (await this.queries.execute(new FindNumber(numberId)))?.assignedTo ?? null;
    const [renamed] = await this.reader.bodies([{ ...added, name: commandRequest.payload.name, assignedTo }]);
    return { ...renamed, position };
  }

  async #ownerOf(numberId: NumberId): Promise<AccountId> {
    return (await this.reader.added(numberId)).accountId;
  }
}
