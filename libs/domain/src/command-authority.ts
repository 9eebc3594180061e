import { accountAuthority } from './accounts/account.commands.js';
import { appAuthority } from './apps/voice-app.commands.js';
import { callAuthority } from './calls/call.commands.js';
import type { DomainCommand } from './command.js';
import { inventoryAuthority } from './inventory/inventory.commands.js';
import { keyAuthority } from './keys/key.commands.js';
import { numberAuthority } from './numbers/number.commands.js';
import { platformAuthority } from './platform/platform.commands.js';
import { rejectionAuthority } from './rejections/rejection.commands.js';
import { type AuthorityOver, noKey } from './shared/authorization.js';
import { trunkAuthority } from './trunks/trunk.commands.js';
import { webhookAuthority } from './webhooks/webhook.commands.js';

/** The authority that each command needs; each context declares it beside its commands. */
export const commandAuthority: AuthorityOver<DomainCommand> = {
  ...accountAuthority,
  ...keyAuthority,
  ...callAuthority,
  ...webhookAuthority,
  ...appAuthority,
  ...trunkAuthority,
  ...numberAuthority,
  ...inventoryAuthority,
  ...rejectionAuthority,
  ActOnTime: noKey,
  ...platformAuthority,
};
