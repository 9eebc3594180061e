import type { PublicCommandName } from '@ringfence/wire/public-commands';
import type { Asked } from './command-way.js';

type Route = {
  readonly method: 'POST' | 'PATCH';
  /** `:subject`: the account that the command is about; another name: a field that stands in the path and not in the body. */
  readonly path: string;
};

const routes: { readonly [Name in PublicCommandName]: Route } = {
  place_call: { method: 'POST', path: '/voice/calls/initiate' },
  hang_up_call: { method: 'POST', path: '/voice/calls/:call_id/hangup' },
  issue_key: { method: 'POST', path: '/keys' },
  rotate_key: { method: 'POST', path: '/keys/:key_id/rotate' },
  change_key_policy: { method: 'PATCH', path: '/keys/:key_id/policy' },
  revoke_key: { method: 'POST', path: '/keys/:key_id/revoke' },
  register_signing_key: { method: 'POST', path: '/signing-keys' },
  resume_account: { method: 'POST', path: '/accounts/:subject/resume' },
  set_account_limits: { method: 'PATCH', path: '/accounts/:subject/limits' },
  change_time_zone: { method: 'POST', path: '/accounts/:subject/time-zone' },
  suspend_account: { method: 'POST', path: '/accounts/:subject/suspend' },
  erase_subject: { method: 'POST', path: '/accounts/:subject/subjects/erase' },
  open_account: { method: 'POST', path: '/accounts' },
  verify_account: { method: 'POST', path: '/accounts/:subject/verify' },
  add_credit: { method: 'POST', path: '/accounts/:subject/credit' },
  open_number_range: { method: 'POST', path: '/number-ranges' },
};

/** A command as a request: some of its fields stand in the path. */
export function requestOf({ name, body, subject }: Asked<PublicCommandName>): Route & { readonly body: object } {
  const { method, path } = routes[name];
  const left = new Map<string, unknown>(Object.entries(body));
  const filled = path.replaceAll(/:([a-z_]+)/g, (_, field: string) => {
    const value = field === 'subject' ? subject : left.get(field);
    left.delete(field);
    return encodeURIComponent(typeof value === 'string' ? value : '');
  });
  return { method, path: filled, body: Object.fromEntries(left) };
}
