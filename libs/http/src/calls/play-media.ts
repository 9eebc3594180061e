import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { commandBody } from '../edge/command-body.js';
import { Operation } from '../edge/operation.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { CallMutations, mutationSpec } from './call-mutations.js';

class PlayMediaBody extends commandBody('play_media') {}

@Controller('api/v1/voice/calls')
export class PlayMediaController {
  constructor(@Inject(CallMutations) private readonly mutations: CallMutations) {}

  @Post(':call_id/play')
  @HttpCode(status.ok)
  @Operation({
    id: 'playMedia',
    ...mutationSpec,
    summary: 'Play a file into a call',
    description:
      'The file is heard over what the flow does, which goes on. A call has one playback at a time: the next one ends it.',
  })
  play(
    @Param('call_id') callId: string,
    @Body(validatedBody(PlayMediaBody)) body: PlayMediaBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.mutations.submit('play_media', callId, body, request, reply);
  }
}
