import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type VoiceAppStatus, voiceAppStatuses } from '@ringfence/domain/apps/voice-app.events';
import { ListVoiceApps } from '@ringfence/read-models/apps/voice-apps.handlers';
import type { FastifyRequest } from 'fastify';
import { Choices } from '../edge/fields.js';
import { NamedLists } from '../edge/named-lists.js';
import { NamedPageQuery } from '../edge/name-pages.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { appReadModels, VoiceAppReader } from './voice-app-reader.js';

class ListVoiceAppsQuery extends NamedPageQuery {
  @Choices({ description: 'Those in one of these states; may be given more than once.', of: voiceAppStatuses })
  status?: readonly VoiceAppStatus[] | null;
}

@Controller('api/v1/voice/apps')
export class ListVoiceAppsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NamedLists) private readonly lists: NamedLists,
    @Inject(VoiceAppReader) private readonly apps: VoiceAppReader,
  ) {}

  @Get()
  @Operation({
    id: 'listVoiceApps',
    tag: 'Apps',
    summary: 'Voice apps, newest first',
    description: 'Apps that come in later change no page.',
    access: { scopes: ['apps:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of apps.', schema: 'VoiceAppList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(ListVoiceAppsQuery)) query: ListVoiceAppsQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.lists.body(request, query, {
      readModels: appReadModels,
      find: (owner, each) =>
        this.queries.execute(new ListVoiceApps({ ...owner, statuses: query.status ?? null }, each)),
      bodies: (rows) => this.apps.bodies(rows),
    });
  }
}
