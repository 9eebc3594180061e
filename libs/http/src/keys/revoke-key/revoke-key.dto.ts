import { type RevocationReason, revocationReasons } from '@ringfence/domain/keys/key.events';
import { revocationPolicies } from '@ringfence/domain/platform/values';
import { Choice } from '../../edge/fields.js';

export class RevokeKeyBody {
  @Choice({ says: 'Why; `requested` unless given.', of: revocationReasons })
  reason?: RevocationReason | null;

  @Choice({ says: 'Overrides what the policy says about its live calls.', of: revocationPolicies })
  on_revoke?: 'hangup' | 'drain' | null;
}
