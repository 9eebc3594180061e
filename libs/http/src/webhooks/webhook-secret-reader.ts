import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Clock } from '@ringfence/kernel/clock';
import { parseWebhookSecretId } from '@ringfence/kernel/ids';
import { FindWebhookSecret } from '@ringfence/read-models/webhooks/webhook-secrets.handlers';
import type { WebhookSecretRow } from '@ringfence/read-models/webhooks/webhook-secrets.queries';
import type { FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { CLOCK } from '../edge/ports.js';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { SecretUses } from './secret-uses.js';
import { noUses, secretBody } from './webhook-secret-bodies.js';

/** The read models that a secret is shown from: the others have what uses it. */
export const secretReadModels = ['webhook_secrets', 'voice_apps', 'trunks'] as const;

/** Finds secrets that the caller may see, and renders them. */
@Injectable()
export class WebhookSecretReader {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(SecretUses) private readonly uses: SecretUses,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws HttpProblem `not_found`, also for a secret of another account or of the other mode; as `ReadGate.wait` */
  async read(request: FastifyRequest, idText: string, minPosition: string | null | undefined): Promise<object> {
    const owner = ownerFor(callerOf(request));
    const secretId = parseWebhookSecretId(idText);
    const row = await this.gate.read(
      request,
      minPosition,
      secretReadModels,
      async () => secretId && (await this.queries.execute(new FindWebhookSecret(secretId, owner))),
    );
    if (row === undefined) throw edgeProblem('not_found', 'there is no such secret');
    const [body = {}] = await this.bodies([row]);
    return body;
  }

  /** @throws Failure `vault_unavailable` (retryable) */
  async bodies(rows: readonly WebhookSecretRow[]): Promise<readonly object[]> {
    const [opened, uses] = await Promise.all([
      this.personal.open(rows, ['name']),
      this.uses.of(rows.map(({ secretId }) => secretId)),
    ]);
    const nowMs = this.clock.now();
    return rows.map((row, at) =>
      secretBody({ ...row, name: opened[at]?.values.name ?? null }, uses.get(row.secretId) ?? noUses, nowMs),
    );
  }
}
