import type { DomainEvent, DomainEventType, EventContext, EventsByContext } from '@ringfence/domain/domain-event';
import { accountCatalogue } from './accounts.js';
import { appCatalogue } from './apps.js';
import { callCatalogue } from './calls.js';
import { catalogueIndex } from './catalogue.js';
import type { ContextCatalogue } from './context-catalogue.js';
import { inventoryCatalogue } from './inventory.js';
import { keyCatalogue } from './keys.js';
import { numberCatalogue } from './numbers.js';
import { platformCatalogue } from './platform.js';
import { rejectionCatalogue } from './rejections.js';
import { trunkCatalogue } from './trunks.js';
import { webhookCatalogue } from './webhooks.js';

/** The catalogues of all contexts; a missing context is a compile error. */
const byContext: { readonly [Context in EventContext]: ContextCatalogue<EventsByContext[Context]> } = {
  accounts: accountCatalogue,
  keys: keyCatalogue,
  calls: callCatalogue,
  numbers: numberCatalogue,
  inventory: inventoryCatalogue,
  rejections: rejectionCatalogue,
  webhooks: webhookCatalogue,
  apps: appCatalogue,
  trunks: trunkCatalogue,
  platform: platformCatalogue,
};

/**
 * All events: the name of each on the wire, its version, the class and codec of each of its fields, and its facts. What
 * is written under a version never changes: a new shape, or a new word in an enum, is a new version with its own
 * upcaster and golden file.
 */
export const eventCatalogue: ContextCatalogue<DomainEvent> = {
  ...byContext.accounts,
  ...byContext.keys,
  ...byContext.calls,
  ...byContext.numbers,
  ...byContext.inventory,
  ...byContext.rejections,
  ...byContext.webhooks,
  ...byContext.apps,
  ...byContext.trunks,
  ...byContext.platform,
};

const index = catalogueIndex<DomainEvent>(eventCatalogue);

/** The types of all events, context by context. */
export const eventTypes: readonly DomainEventType[] = index.types;

/** The types of a context's events. */
export function eventTypesOf(context: EventContext): readonly DomainEventType[] {
  // The keys of a context's catalogue are the types of its events.
  return Object.keys(byContext[context]) as DomainEventType[];
}

/** The CloudEvents type of every event in its current version. */
export const ceTypes: { readonly [Type in DomainEventType]: string } = index.currentTypes;

/** All CloudEvents types that an event of the log may have, in all versions, oldest first. */
export const ceTypesEver: readonly string[] = index.everyType;

/** `ringfence.<context>.<fact>.v<version>`, in the version that this release writes. */
export function ceTypeOf(event: { readonly type: DomainEventType }): string {
  return ceTypes[event.type];
}

/** The type of event behind a wire name of any version; undefined for a name that this release does not know. */
export function eventTypeOf(ceType: string): DomainEventType | undefined {
  return index.parse(ceType)?.type;
}
