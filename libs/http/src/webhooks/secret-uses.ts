import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { WebhookSecretId } from '@ringfence/kernel/ids';
import { ListAppsOfSecrets } from '@ringfence/read-models/apps/voice-apps.handlers';
import { ListTrunksOfSecrets } from '@ringfence/read-models/trunks/trunks.handlers';
import type { FastifyRequest } from 'fastify';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { noUses, type UsesOfSecret } from './webhook-secret-bodies.js';

/** Finds the apps and trunks that use secrets. */
@Injectable()
export class SecretUses {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  /** Waits for the caller's own writes, and does as `of`. @throws also as `ReadGate.wait` */
  async after(request: FastifyRequest, secretIds: readonly WebhookSecretId[]): Promise<Uses> {
    await this.gate.wait(request, null, ['voice_apps', 'trunks']);
    return this.of(secretIds);
  }

  /** The uses of each secret that has any. @throws Failure `vault_unavailable`, `database_unavailable` (retryable) */
  async of(secretIds: readonly WebhookSecretId[]): Promise<Uses> {
    const [apps, trunks] = await Promise.all([
      this.queries.execute(new ListAppsOfSecrets(secretIds)),
      this.queries.execute(new ListTrunksOfSecrets(secretIds)),
    ]);
    const opened = await this.personal.open([...apps, ...trunks], ['name']);
    const names = opened.map(({ values }) => values.name);
    const uses = new Map<WebhookSecretId, UsesOfSecret>();
    for (const [at, { secretId, appId: id }] of apps.entries()) {
      const before = uses.get(secretId) ?? noUses;
      uses.set(secretId, { ...before, apps: [...before.apps, { id, name: names[at] ?? null }] });
    }
    for (const [at, { secretId, trunkId: id }] of trunks.entries()) {
      const before = uses.get(secretId) ?? noUses;
      uses.set(secretId, { ...before, trunks: [...before.trunks, { id, name: names[apps.length + at] ?? null }] });
    }
    return uses;
  }
}

type Uses = ReadonlyMap<WebhookSecretId, UsesOfSecret>;
