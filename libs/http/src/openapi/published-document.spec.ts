import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { format, resolveConfig } from 'prettier';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { RejectedRequestCounter } from '@ringfence/auth/rejected-request-counter';
import { CommittedEvents } from '@ringfence/cqrs/committed-events';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { COMMAND_DISPATCHER } from '@ringfence/commands/command-dispatcher';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { REQUEST_BUILDERS } from '@ringfence/requests/request-builders';
import { KeyFinder } from '@ringfence/requests/key-finder';
import { SUBJECT_VAULT } from '@ringfence/ports/vault/subject-vault';
import { EVENT_STORE } from '@ringfence/ports/log/event-store';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { CALENDAR, READ_DATABASE } from '@ringfence/read-models/read-models.module';
import { CLOCK, COMMAND_TOPICS, EDGE_METRICS, HEALTH, ID_SOURCE, LOG_NAME, METRICS_TEXT } from '../edge/ports.js';
import { operationsOf } from '../edge/operation.js';
import { apiRoutes, HttpModule } from '../http.module.js';
import { operationsRoutes } from '../operations/operations.routes.js';
import { openApiDocument } from './document.js';

const published = fileURLToPath(new URL('../../../../docs/api/openapi.json', import.meta.url));

/** The routes alone: a description needs nothing behind them. */
const behind = [
  ...[CLOCK, EDGE_METRICS, EVENT_STORE, HEALTH, ID_SOURCE, LOG_NAME, METRICS_TEXT, COMMAND_DISPATCHER, SUBJECT_VAULT],
  ...[
    COMMAND_TOPICS,
    KeyRegistry,
    RejectedRequestCounter,
    KeyFinder,
    REQUEST_BUILDERS,
    RequestIdentity,
    ProjectionProgress,
  ],
  ...[PlatformView, READ_DATABASE, CALENDAR, CommittedEvents],
];

type Content = { readonly schema?: { readonly $ref?: string }; readonly example?: string };

const specs = [operationsRoutes, ...apiRoutes]
  .flatMap(({ controllers }) => controllers)
  .flatMap((controller) => operationsOf(controller).map(([, spec]) => spec));

async function describedRoutes() {
  const ports = behind.map((provide) => ({ provide, useValue: { listen: () => undefined } }));
  const app = await NestFactory.create<NestFastifyApplication>(HttpModule.withApi(ports), new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  const document = await openApiDocument(app);
  await app.close();
  return document;
}

describe('the OpenAPI document', () => {
  it('is the published one: run with UPDATE_OPENAPI=1 to rewrite docs/api/openapi.json', async () => {
    const options = (await resolveConfig(published)) ?? {};
    const text = await format(JSON.stringify(await describedRoutes()), { ...options, parser: 'json' });
    if (process.env['UPDATE_OPENAPI'] === '1') writeFileSync(published, text);
    expect(readFileSync(published, 'utf8')).toBe(text);
  });

  it('describes every operation: an id of its own, a tag, answers for what may go wrong', async () => {
    const { paths } = await describedRoutes();
    const operations = Object.values(paths).flatMap(({ get, post, patch, delete: remove }) =>
      [get, post, patch, remove].filter((each) => each !== undefined),
    );
    const ids = specs.map(({ id }) => id).sort();
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(ids);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, tags, responses } of operations) {
      expect([operationId, tags?.length, '500' in responses]).toEqual([operationId, 1, true]);
    }
    const commands = operations.filter(({ parameters = [] }) =>
      parameters.some((parameter) => 'name' in parameter && parameter.name === 'Idempotency-Key'),
    );
    expect(commands.length).toBe(specs.filter(({ command }) => command === true).length);
    expect(commands.length).toBeGreaterThan(15);
    for (const { operationId, responses } of commands)
      expect([operationId, '504' in responses]).toEqual([operationId, true]);
  });

  it('offers CSV for every list, with the columns of each', async () => {
    const { paths, components } = await describedRoutes();
    const answers = Object.values(paths).flatMap(({ get }) => {
      const content = { ...(get?.responses['200'] as { content?: Record<string, Content> } | undefined)?.content };
      return get === undefined ? [] : [{ id: get.operationId, content }];
    });
    const isList = ({ content }: (typeof answers)[number]) => {
      const named = content['application/json']?.schema?.$ref?.split('/').at(-1) ?? '';
      const schema = components?.schemas?.[named] as { properties?: { data?: { type?: string } } } | undefined;
      return schema?.properties?.data?.type === 'array';
    };
    const lists = answers.filter(isList);
    expect(lists.length).toBe(19);
    expect(answers.filter(({ content }) => 'text/csv' in content)).toEqual(lists);
    const entries = lists.find(({ id }) => id === 'listLedgerEntries')?.content['text/csv']?.example;
    expect(entries).toBe('position,book,event_type,subject,key_id,decided_at,lines\r\n');
  });

  it('describes no field by null alone: the stock generator for Go makes code of it that does not compile', () => {
    const found: string[] = [];
    JSON.stringify(JSON.parse(readFileSync(published, 'utf8')), function (this: unknown, name, value: unknown) {
      const isNullAlone = typeof value === 'object' && value !== null && 'type' in value && value.type === 'null';
      if (isNullAlone && !Array.isArray(this)) found.push(name);
      return value;
    });
    expect(found).toEqual([]);
  });
});
