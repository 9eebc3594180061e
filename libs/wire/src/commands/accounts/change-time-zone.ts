import { required } from '../command-field.js';
import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { timeZoneName } from '../shared-rules.js';

export const changeTimeZone = {
  name: 'change_time_zone',
  commandType: 'ChangeTimeZone',
  fields: {
    time_zone: required(timeZoneName, 'IANA name of the zone of its day boundaries.', { example: 'America/New_York' }),
  },
  example: { time_zone: 'America/New_York' },
  answersSecret: false,
  route: { method: 'POST', path: '/accounts/:subject/time-zone' },
  result: ofAccount,
} as const satisfies PublicCommand;
