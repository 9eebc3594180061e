import type { CommandBody, PublicCommandName } from './public-commands.js';

/** Fields that commands accept without effect in this release, so that clients of the Teler API need no change. */
export const ineffectiveFields = {
  flow_not_run: {
    field: 'flow_url',
    detail: 'No call flow is run in this release: flow_url is kept, encrypted, and never requested.',
  },
  status_not_reported: {
    field: 'status_callback_url',
    detail:
      'No status callback is sent in this release: ask for the call with GET /voice/calls/{id}, or read its events.',
  },
  recording_not_made: {
    field: 'record',
    detail: 'No call is recorded in this release: no recording will exist of this call.',
  },
  reason_not_kept: {
    field: 'reason',
    detail: 'The reason of a hang-up is not kept in this release.',
  },
} as const satisfies Readonly<Record<string, { readonly field: string; readonly detail: string }>>;

type WarningCode = keyof typeof ineffectiveFields;
export const warningCodes = Object.keys(ineffectiveFields) as readonly WarningCode[];

const warningsByCommand: Partial<Record<PublicCommandName, readonly WarningCode[]>> = {
  place_call: ['flow_not_run', 'status_not_reported', 'recording_not_made'],
  hang_up_call: ['reason_not_kept'],
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
