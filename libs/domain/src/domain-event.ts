import type { AccountEvent } from './accounts/account.events.js';
import type { AppEvent } from './apps/voice-app.events.js';
import type { RejectionEvent } from './rejections/rejection.events.js';
import type { CallEvent } from './calls/call.events.js';
import type { InventoryEvent } from './inventory/inventory.events.js';
import type { KeyEvent } from './keys/key.events.js';
import type { NumberEvent } from './numbers/number.events.js';
import type { PlatformEvent } from './platform/platform.events.js';
import type { TrunkEvent } from './trunks/trunk.events.js';
import type { WebhookEvent } from './webhooks/webhook.events.js';

/**
 * The events of each context. A context is a folder here, a file of the event catalogue, and one entry in each reader
 * of events.
 */
export type EventsByContext = {
  readonly accounts: AccountEvent;
  readonly keys: KeyEvent;
  readonly calls: CallEvent;
  readonly numbers: NumberEvent;
  readonly inventory: InventoryEvent;
  readonly rejections: RejectionEvent;
  readonly webhooks: WebhookEvent;
  readonly apps: AppEvent;
  readonly trunks: TrunkEvent;
  readonly platform: PlatformEvent;
};
export type EventContext = keyof EventsByContext;

/** The union of all events. */
export type DomainEvent = EventsByContext[EventContext];
export type DomainEventType = DomainEvent['type'];
