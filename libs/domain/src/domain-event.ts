import type { AccountEvent } from './accounts/account.events.js';
import type { RejectionEvent } from './rejections/rejection.events.js';
import type { CallEvent } from './calls/call.events.js';
import type { KeyEvent } from './keys/key.events.js';
import type { PlatformEvent } from './platform/platform.events.js';

/** Every fact there is. */
export type DomainEvent = AccountEvent | KeyEvent | CallEvent | PlatformEvent | RejectionEvent;
export type DomainEventType = DomainEvent['type'];
