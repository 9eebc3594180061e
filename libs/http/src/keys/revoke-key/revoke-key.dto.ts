import type { RevocationReason } from '@ringfence/domain/keys/key.events';
import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';

const { fields } = publicCommands.revoke_key;

export class RevokeKeyBody {
  @BodyField(fields.reason, { says: 'Why; `requested` unless given.' })
  reason?: RevocationReason | null;

  @BodyField(fields.on_revoke, { says: 'Overrides what the policy says about its live calls.' })
  on_revoke?: 'hangup' | 'drain' | null;
}
