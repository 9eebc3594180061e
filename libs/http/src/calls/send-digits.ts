import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { CallMutations, mutationSpec } from './call-mutations.js';

class SendDigitsBody extends commandBody('send_digits') {}

@Controller('api/v1/voice/calls')
export class SendDigitsController {
  constructor(@Inject(CallMutations) private readonly mutations: CallMutations) {}

  @Post(':call_id/dtmf')
  @HttpCode(status.ok)
  @Operation({
    id: 'sendDigits',
    ...mutationSpec,
    summary: 'Send digits on a call',
    description:
      'The digits are sent at most once, and kept nowhere: a repetition with the same Idempotency-Key sends none.',
  })
  send(
    @Param('call_id') callId: string,
    @Body(validatedBody(SendDigitsBody)) body: SendDigitsBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.mutations.submit('send_digits', callId, body, request, reply);
  }
}
