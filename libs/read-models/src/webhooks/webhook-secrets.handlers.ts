import { Query } from '@nestjs/cqrs';
import type { WebhookSecretId } from '@ringfence/kernel/ids';
import type { OwnedBy } from '../owned-by.js';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import { WebhookSecretQueries, type WebhookSecretRow } from './webhook-secrets.queries.js';

/** undefined: there is none, or the owner has none with this id. */
export class FindWebhookSecret extends Query<WebhookSecretRow | undefined> {
  constructor(
    readonly secretId: WebhookSecretId,
    readonly owner: OwnedBy | null,
  ) {
    super();
  }
}

/** Newest first. */
export class ListWebhookSecrets extends Query<Page<WebhookSecretRow>> {
  constructor(
    readonly owner: OwnedBy,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** The secrets of these ids, as far as they exist, of any account. */
export class FindWebhookSecrets extends Query<readonly WebhookSecretRow[]> {
  constructor(readonly secretIds: readonly WebhookSecretId[]) {
    super();
  }
}

export const webhookSecretHandlers = [
  queryHandler(FindWebhookSecret, WebhookSecretQueries, (secrets, { secretId, owner }) =>
    secrets.find(secretId, owner),
  ),
  queryHandler(FindWebhookSecrets, WebhookSecretQueries, (secrets, { secretIds }) => secrets.named(secretIds)),
  queryHandler(ListWebhookSecrets, WebhookSecretQueries, (secrets, { owner, page }) => secrets.list(owner, page)),
];
