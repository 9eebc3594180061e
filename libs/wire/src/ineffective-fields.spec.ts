import { expect, it } from '@jest/globals';
import { ineffectiveFields, warningCodes, warningsFor } from './ineffective-fields.js';
import { publicCommandNames, publicCommands } from './public-commands.js';

const call = { from_number: '+15005550100', to_number: '+15005550000', flow_url: 'https://example.com/flow' };

it('warns of every field that was asked for and has no effect', () => {
  const all = { ...call, status_callback_url: 'https://example.com/status', record: true };
  expect(warningsFor('place_call', all)).toEqual(['recording_not_made']);
  expect(warningsFor('hang_up_call', { call_id: 'cs_x', reason: 'done' })).toEqual(['reason_not_kept']);
});

it('warns of what a trunk has set and nothing uses yet', () => {
  const addresses = [{ address: '203.0.113.7' }];
  expect(warningsFor('create_ip_list', { name: 'Office', addresses })).toEqual(['ip_list_not_enforced']);
  const trunk = { name: 'Office', authentication_type: 'IP', auth_addresses: addresses, recording: false } as const;
  expect(warningsFor('create_sip_trunk', { ...trunk, domain_name: 'office.example.com' })).toEqual([
    'domain_name_made',
    'authentication_not_checked',
  ]);
  expect(warningsFor('change_sip_trunk', { sip_trunk_id: 'st_x', cps_limit: 3, is_active: true })).toEqual([
    'trunk_status_not_applied',
    'cps_limit_not_applied',
  ]);
});

it.each([
  ['left out', call],
  ['null', { ...call, status_callback_url: null, record: null }],
  ['false', { ...call, record: false }],
])('warns of no field that is %s', (_how, body) => {
  expect(warningsFor('place_call', body)).toEqual([]);
});

it('warns of nothing where every field has its effect', () => {
  expect(warningsFor('hang_up_call', { call_id: 'cs_x', leg_id: 'cl_x' })).toEqual([]);
  expect(warningsFor('verify_account', {})).toEqual([]);
  const urls = { flow_url: 'https://example.com/flow', webhook_url: 'https://example.com/webhooks' };
  expect(warningsFor('create_voice_app', { name: 'Front desk', ...urls })).toEqual([]);
});

it('names fields that some command has', () => {
  const fields = new Set(publicCommandNames.flatMap((name) => Object.keys(publicCommands[name].fields)));
  expect(warningCodes.filter((code) => !fields.has(ineffectiveFields[code].field))).toEqual([]);
});
