import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { CallMutations, mutationSpec } from './call-mutations.js';

class MuteLegBody extends commandBody('mute_leg') {}

@Controller('api/v1/voice/calls')
export class MuteLegController {
  constructor(@Inject(CallMutations) private readonly mutations: CallMutations) {}

  @Post(':call_id/mute')
  @HttpCode(status.ok)
  @Operation({
    id: 'muteLeg',
    ...mutationSpec,
    summary: 'Mute a leg of a call',
    description: 'Muting a leg that is muted already changes nothing.',
  })
  mute(
    @Param('call_id') callId: string,
    @Body(validatedBody(MuteLegBody)) body: MuteLegBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.mutations.submit('mute_leg', callId, body, request, reply);
  }
}
