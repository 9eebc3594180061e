import { commandAuthority } from '@ringfence/domain/command-authority';
import { rejectionCodes } from '@ringfence/domain/rejections/rejection.events';
import { count, id, nullable, oneOf } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';

const commandTypes: readonly string[] = Object.keys(commandAuthority);

export const turnAwayCommand = defineCommand<'TurnAwayCommand'>({
  name: 'turn_away_command',
  version: 2,
  fields: {
    accountId: nullable(id('acc')),
    presentedKeyId: nullable(id('key')),
    code: oneOf(rejectionCodes),
    commandType: nullable(oneOf(commandTypes)),
    count,
  },
  // Version 1 always reported one rejection.
  upcasters: [(data) => ({ ...data, count: 1 })],
  allowedWhileDraining: false,
});
