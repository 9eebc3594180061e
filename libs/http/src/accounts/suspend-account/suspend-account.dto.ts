import type { SuspensionReason } from '@ringfence/domain/accounts/account.events';
import { Choice } from '../../edge/fields.js';

/** `quarantined` is the platform's own. */
export const suspensionReasonsOffered = ['requested', 'fraud', 'unpaid'] as const satisfies readonly SuspensionReason[];

export class SuspendAccountBody {
  @Choice({
    says: 'Why. New calls are refused from now on and live ones ended.',
    of: suspensionReasonsOffered,
    required: true,
  })
  reason!: (typeof suspensionReasonsOffered)[number];
}
