import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListWebhookSecrets } from '@ringfence/read-models/webhooks/webhook-secrets.handlers';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { NamePages, NamedPageQuery } from '../edge/name-pages.js';
import { Operation } from '../edge/operation.js';
import { listBody, pageRequestOf, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { secretReadModels, WebhookSecretReader } from './webhook-secret-reader.js';

@Controller('api/v1/secrets')
export class ListWebhookSecretsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(NamePages) private readonly pages: NamePages,
    @Inject(WebhookSecretReader) private readonly secrets: WebhookSecretReader,
    @Inject(ReadGate) private readonly gate: ReadGate,
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
    const caller = callerOf(request);
    const owner = { accountId: accountFor(caller, query.account_id, 'query'), mode: modeFor(caller, null) };
    const asked = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, secretReadModels);
    const page = await this.pages.find(
      query.search,
      asked,
      (each) => this.queries.execute(new ListWebhookSecrets(owner, each)),
      ({ createdPosition }) => createdPosition,
    );
    return listBody(await this.secrets.bodies(page.rows), page);
  }
}
