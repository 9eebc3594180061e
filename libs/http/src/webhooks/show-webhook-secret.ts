import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { ReadQuery } from '../edge/query-fields.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { WebhookSecretReader } from './webhook-secret-reader.js';

@Controller('api/v1/secrets')
export class ShowWebhookSecretController {
  constructor(@Inject(WebhookSecretReader) private readonly secrets: WebhookSecretReader) {}

  @Get(':secret_id')
  @Operation({
    id: 'getWebhookSecret',
    tag: 'Webhooks',
    summary: 'One webhook secret, without its value',
    access: { scopes: ['apps:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The secret.', schema: 'WebhookSecret' },
    read: true,
    reads: 'object',
    problems: ['not_found'],
  })
  async show(
    @Param('secret_id') idText: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    return this.secrets.read(request, idText, query.min_position);
  }
}
