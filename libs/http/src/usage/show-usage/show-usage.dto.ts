import { modes } from '@ringfence/domain/shared/values';
import {
  type UsageDimension,
  usageDimensions,
  type UsageGrouping,
  usageGroupings,
} from '@ringfence/read-models/usage/usage.queries';
import { Choice, Moment } from '../../edge/fields.js';
import { AccountReadQuery } from '../../edge/query-fields.js';

export class UsageQuery extends AccountReadQuery {
  @Choice({
    says: 'The book; a key of an account may name its own mode alone, which is the default. An operator who names none sees both.',
    of: modes,
  })
  mode?: 'live' | 'test' | null;

  @Choice({
    says: 'Rows by minute, by local day of the account, or one for the whole time; default `total`.',
    of: usageGroupings,
  })
  group_by?: UsageGrouping | null;

  @Choice({ says: 'Rows by key, application or project; default `application`.', of: usageDimensions })
  by?: UsageDimension | null;

  @Moment({
    says: 'From this moment on; default: 24 hours before `to`. By day and total it is the local day it falls in.',
  })
  from?: string | null;

  @Moment({ says: 'Until before this moment; default: now.' })
  to?: string | null;
}
