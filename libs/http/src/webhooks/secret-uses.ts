import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { WebhookSecretId } from '@ringfence/kernel/ids';
import { ListAppsOfSecrets } from '@ringfence/read-models/apps/voice-apps.handlers';
import type { FastifyRequest } from 'fastify';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import type { ShownUse } from './webhook-secret-bodies.js';

/** Finds the apps that use secrets. */
@Injectable()
export class SecretUses {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  /** The same as `of`, once the caller's own writes are seen. @throws also as `ReadGate.wait` */
  async after(
    request: FastifyRequest,
    secretIds: readonly WebhookSecretId[],
  ): Promise<ReadonlyMap<WebhookSecretId, readonly ShownUse[]>> {
    await this.gate.wait(request, null, ['voice_apps']);
    return this.of(secretIds);
  }

  /** @throws Failure `vault_unavailable`, `database_unavailable` (retryable) */
  async of(secretIds: readonly WebhookSecretId[]): Promise<ReadonlyMap<WebhookSecretId, readonly ShownUse[]>> {
    const apps = await this.queries.execute(new ListAppsOfSecrets(secretIds));
    const opened = await this.personal.open(apps, ['name']);
    const uses = new Map<WebhookSecretId, ShownUse[]>();
    for (const [at, { secretId, appId: id }] of apps.entries()) {
      const ofSecret = uses.get(secretId) ?? [];
      ofSecret.push({ id, name: opened[at]?.values.name ?? null });
      uses.set(secretId, ofSecret);
    }
    return uses;
  }
}
