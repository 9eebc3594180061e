import { receivedNumber } from '@ringfence/event-catalog/numbers';
import { defineCommand } from '../command-definition.js';

export const receiveNumber = defineCommand<'ReceiveNumber'>({
  name: 'receive_number',
  version: 1,
  fields: receivedNumber,
  allowedWhileDraining: false,
});
