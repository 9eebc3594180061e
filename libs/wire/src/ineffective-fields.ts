import type { CommandBody, PublicCommandName } from './public-commands.js';

/** Fields that commands accept without effect in this release, so that clients of the Teler API need no change. */
export const ineffectiveFields = {
  recording_not_made: {
    field: 'record',
    detail: 'No call is recorded in this release: no recording will exist of this call.',
  },
  webhook_not_sent: {
    field: 'webhook_url',
    detail: 'No call uses a SIP trunk in this release: webhook_url is kept, encrypted, and never requested.',
  },
  nothing_signed: {
    field: 'secret_id',
    detail: 'No call uses a SIP trunk in this release, so nothing is signed with the secret.',
  },
  version_not_written: {
    field: 'webhook_api_version',
    detail: 'No call uses a SIP trunk in this release, so no webhook is sent, in any version.',
  },
  ip_list_not_enforced: {
    field: 'addresses',
    detail: 'No call comes over a SIP trunk in this release, so the list neither admits nor rejects any.',
  },
  domain_name_made: {
    field: 'domain_name',
    detail: 'The platform makes the domain of a trunk from its id: domain_name is not kept.',
  },
  authentication_not_checked: {
    field: 'authentication_type',
    detail: 'No call uses a SIP trunk in this release, so nothing is checked that callers are recognised by.',
  },
  transport_not_used: {
    field: 'transport',
    detail: 'No call uses a SIP trunk in this release, over any transport.',
  },
  trunk_status_not_applied: {
    field: 'is_active',
    detail: 'No call uses a SIP trunk in this release, whether it is active or not.',
  },
  trunk_channel_limit_not_applied: {
    field: 'channel_limit',
    detail: 'No call uses a SIP trunk in this release, so channel_limit bounds none.',
  },
  cps_limit_not_applied: {
    field: 'cps_limit',
    detail: 'No call uses a SIP trunk in this release, so cps_limit bounds none.',
  },
  inbound_route_not_used: {
    field: 'inbound_route',
    detail: 'No call uses a SIP trunk in this release: inbound_route is kept, encrypted, and never called.',
  },
  trunk_recording_not_made: {
    field: 'recording',
    detail: 'No call uses a SIP trunk in this release, so none is recorded.',
  },
  reason_not_kept: {
    field: 'reason',
    detail: 'The reason of a hang-up is not kept in this release.',
  },
} as const satisfies Readonly<Record<string, { readonly field: string; readonly detail: string }>>;

type WarningCode = keyof typeof ineffectiveFields;
export const warningCodes = Object.keys(ineffectiveFields) as readonly WarningCode[];

const ofTrunks: readonly WarningCode[] = [
  'authentication_not_checked',
  'transport_not_used',
  'trunk_status_not_applied',
  'trunk_channel_limit_not_applied',
  'cps_limit_not_applied',
  'inbound_route_not_used',
  'trunk_recording_not_made',
  'webhook_not_sent',
  'nothing_signed',
  'version_not_written',
];
const warningsByCommand: Partial<Record<PublicCommandName, readonly WarningCode[]>> = {
  place_call: ['recording_not_made'],
  hang_up_call: ['reason_not_kept'],
  create_ip_list: ['ip_list_not_enforced'],
  change_ip_list: ['ip_list_not_enforced'],
  create_sip_trunk: ['domain_name_made', ...ofTrunks],
  change_sip_trunk: ofTrunks,
};

/** Codes of the fields that a client sent without effect. A field that was omitted, null or false requests nothing. */
export function warningsFor<Name extends PublicCommandName>(
  name: Name,
  body: CommandBody<Name>,
): readonly WarningCode[] {
  const sent: Readonly<Record<string, unknown>> = body;
  return (warningsByCommand[name] ?? []).filter((code) => {
    const value = sent[ineffectiveFields[code].field];
    return value !== undefined && value !== null && value !== false;
  });
}
