import type { AccountRow } from '@ringfence/read-models/accounts/account.queries';
import { momentText, type Opened } from '../edge/reading.js';

export function accountBody(row: AccountRow, { values, erased }: Opened<'name'>): object {
  return {
    id: row.accountId,
    name: values.name,
    currency: row.currency,
    region: row.region,
    time_zone: row.timeZone,
    status: row.status,
    suspension_reason: row.suspensionReason,
    opened_at: momentText(row.openedAtMs),
    verified_at: momentText(row.verifiedAtMs),
    suspended_at: momentText(row.suspendedAtMs),
    erased,
  };
}
