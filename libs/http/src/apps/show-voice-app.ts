import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { ReadQuery } from '../edge/query-fields.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { VoiceAppReader } from './voice-app-reader.js';

@Controller('api/v1/voice/apps')
export class ShowVoiceAppController {
  constructor(@Inject(VoiceAppReader) private readonly apps: VoiceAppReader) {}

  @Get(':voice_app_id')
  @Operation({
    id: 'getVoiceApp',
    tag: 'Apps',
    summary: 'One voice app',
    access: { scopes: ['apps:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The app.', schema: 'VoiceApp' },
    read: true,
    reads: 'object',
    problems: ['not_found'],
  })
  async show(
    @Param('voice_app_id') idText: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.apps.read(request, idText, query.min_position);
  }
}
