import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListWebhookSecrets } from '@ringfence/read-models/webhooks/webhook-secrets.handlers';
import type { FastifyRequest } from 'fastify';
import { NamedLists } from '../edge/named-lists.js';
import { NamedPageQuery } from '../edge/name-pages.js';
import { Operation } from '../edge/operation.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { secretReadModels, WebhookSecretReader } from './webhook-secret-reader.js';

@Controller('api/v1/secrets')
export class ListWebhookSecretsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NamedLists) private readonly lists: NamedLists,
    @Inject(WebhookSecretReader) private readonly secrets: WebhookSecretReader,
  ) {}

  @Get()
  @Operation({
    id: 'listWebhookSecrets',
    tag: 'Webhooks',
    summary: 'Webhook secrets, newest first',
    description: 'Without their values. Secrets that come in later change no page.',
    access: { scopes: ['apps:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of secrets.', schema: 'WebhookSecretList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(NamedPageQuery)) query: NamedPageQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.lists.body(request, query, {
      readModels: secretReadModels,
      find: (owner, each) => this.queries.execute(new ListWebhookSecrets(owner, each)),
      bodies: (rows) => this.secrets.bodies(rows),
    });
  }
}
