import { Query } from '@nestjs/cqrs';
import type { VoiceAppId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { OwnedBy } from '../owned-by.js';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import {
  type AppOfSecret,
  type VoiceAppFilter,
  type VoiceAppName,
  VoiceAppQueries,
  type VoiceAppRow,
} from './voice-apps.queries.js';

/** undefined: there is none, or the owner has none with this id. */
export class FindVoiceApp extends Query<VoiceAppRow | undefined> {
  constructor(
    readonly appId: VoiceAppId,
    readonly owner: OwnedBy | null,
  ) {
    super();
  }
}

/** Newest first. */
export class ListVoiceApps extends Query<Page<VoiceAppRow>> {
  constructor(
    readonly filter: VoiceAppFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** The names of those of these apps that exist. */
export class FindVoiceAppNames extends Query<readonly VoiceAppName[]> {
  constructor(readonly appIds: readonly VoiceAppId[]) {
    super();
  }
}

/** The apps that use these secrets. */
export class ListAppsOfSecrets extends Query<readonly AppOfSecret[]> {
  constructor(readonly secretIds: readonly WebhookSecretId[]) {
    super();
  }
}

export const voiceAppHandlers = [
  queryHandler(FindVoiceApp, VoiceAppQueries, (apps, { appId, owner }) => apps.find(appId, owner)),
  queryHandler(FindVoiceAppNames, VoiceAppQueries, (apps, { appIds }) => apps.names(appIds)),
  queryHandler(ListVoiceApps, VoiceAppQueries, (apps, { filter, page }) => apps.list(filter, page)),
  queryHandler(ListAppsOfSecrets, VoiceAppQueries, (apps, { secretIds }) => apps.ofSecrets(secretIds)),
];
