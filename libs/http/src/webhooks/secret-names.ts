import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { WebhookSecretId } from '@ringfence/kernel/ids';
import { FindWebhookSecrets } from '@ringfence/read-models/webhooks/webhook-secrets.handlers';
import { PersonalValues } from '../edge/reading.js';

/** Finds the names of secrets, for what is signed with them. */
@Injectable()
export class SecretNames {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
  ) {}

  /**
   * The names by their secrets; null: erased.
   * @param users things that have a secret, or none
   * @throws Failure `vault_unavailable`, `database_unavailable` (retryable)
   */
  async of(
    users: readonly { readonly secretId: WebhookSecretId | null }[],
  ): Promise<ReadonlyMap<WebhookSecretId | null, string | null>> {
    const ids = new Set(users.flatMap(({ secretId }) => (secretId === null ? [] : [secretId])));
    const secrets = ids.size === 0 ? [] : await this.queries.execute(new FindWebhookSecrets([...ids]));
    const opened = await this.personal.open(secrets, ['name']);
    return new Map(secrets.map(({ secretId }, at) => [secretId, opened[at]?.values.name ?? null]));
  }
}
