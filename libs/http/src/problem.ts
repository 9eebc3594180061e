import type { RefusalCode } from '@ringfence/domain/refusals';

/** HTTP statuses, known only here, with the status and title of every code, whether of a refusal or of a failure. */
export const status = {
  ok: 200,
  created: 201,
  accepted: 202,
  noContent: 204,
  badRequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  requestTimeout: 408,
  conflict: 409,
  gone: 410,
  contentTooLarge: 413,
  uriTooLong: 414,
  unsupportedMediaType: 415,
  unprocessable: 422,
  tooManyRequests: 429,
  headersTooLarge: 431,
  internalError: 500,
  unavailable: 503,
  gatewayTimeout: 504,
} as const;
export type Status = (typeof status)[keyof typeof status];

/** The general meaning of a code; the problem's detail describes the single case. */
export type ProblemKind = { readonly status: Status; readonly title: string };

const kind = (status: Status, title: string): ProblemKind => ({ status, title });

/** Problems of the HTTP edge itself. */
export const edgeProblems = {
  malformed_json: kind(status.badRequest, 'The body is not valid JSON'),
  bad_request: kind(status.badRequest, 'The request cannot be read'),
  body_ambiguous: kind(status.badRequest, 'Duplicate member in the JSON body'),
  path_malformed: kind(status.badRequest, 'Malformed escape in the path'),
  key_ambiguous: kind(status.badRequest, 'More than one API key'),
  idempotency_key_ambiguous: kind(status.badRequest, 'More than one Idempotency-Key'),
  cursor_invalid: kind(status.badRequest, 'Invalid cursor'),
  position_invalid: kind(status.badRequest, 'Invalid position'),
  position_of_other_log: kind(status.conflict, 'The position belongs to another log'),
  key_missing: kind(status.unauthorized, 'An API key is required'),
  key_malformed: kind(status.unauthorized, 'Malformed API key'),
  key_not_accepted: kind(status.unauthorized, 'The API key is not accepted'),
  source_not_allowed: kind(status.forbidden, 'The key is not allowed from this address'),
  scope_not_held: kind(status.forbidden, 'The key lacks a scope'),
  operator_only: kind(status.forbidden, 'Only an operator may do this'),
  mode_not_allowed: kind(status.forbidden, 'The key is of the other mode'),
  not_found: kind(status.notFound, 'Resource not found'),
  event_not_redeliverable: kind(status.conflict, 'The event is still being delivered'),
  event_too_old: kind(status.gone, 'The event is too old to be delivered again'),
  method_not_allowed: kind(status.methodNotAllowed, 'The method is not allowed here'),
  request_timeout: kind(status.requestTimeout, 'The request took too long to arrive'),
  too_many_waiting: kind(status.tooManyRequests, 'Too many waiting requests'),
  body_too_large: kind(status.contentTooLarge, 'The body is too large'),
  uri_too_long: kind(status.uriTooLong, 'The URL is too long'),
  content_encoding_unsupported: kind(status.unsupportedMediaType, 'The body is compressed'),
  content_type_unsupported: kind(status.unsupportedMediaType, 'The content type is not supported'),
  validation_failed: kind(status.unprocessable, 'Validation failed'),
  reads_overrun: kind(status.tooManyRequests, 'Too many waiting reads'),
  headers_too_large: kind(status.headersTooLarge, 'The headers are too large'),
  registry_stale: kind(status.unavailable, 'Keys cannot be checked at the moment'),
  read_model_behind: kind(status.unavailable, 'The read model is behind'),
  unavailable: kind(status.unavailable, 'The service is not available at the moment'),
  internal_error: kind(status.internalError, 'Internal error'),
} as const satisfies Record<string, ProblemKind>;
type EdgeCode = keyof typeof edgeProblems;

/** Refusals of a lane. */
export const refusalProblems: Readonly<Record<RefusalCode, ProblemKind>> = {
  key_unknown: kind(status.notFound, 'Key not found'),
  key_revoked: kind(status.conflict, 'The key was revoked'),
  key_expired: kind(status.conflict, 'The key has expired'),
  scope_missing: kind(status.forbidden, 'The key lacks a scope'),
  presenter_not_allowed: kind(status.forbidden, 'The key may not do this'),
  account_unknown: kind(status.notFound, 'Account not found'),
  account_already_open: kind(status.conflict, 'The account is already open'),
  account_not_verified: kind(status.forbidden, 'The account is not verified'),
  account_already_verified: kind(status.conflict, 'The account is already verified'),
  account_suspended: kind(status.forbidden, 'The account is suspended'),
  account_already_suspended: kind(status.conflict, 'The account is already suspended'),
  account_not_suspended: kind(status.conflict, 'The account is not suspended'),
  limits_invalid: kind(status.unprocessable, 'Invalid limits'),
  limits_not_approved: kind(status.forbidden, 'The limits exceed what an operator has approved'),
  account_mismatch: kind(status.conflict, 'The resource belongs to another account'),
  subject_unknown: kind(status.notFound, 'Subject not found'),
  subject_in_use: kind(status.conflict, 'The account has the number'),
  amount_invalid: kind(status.unprocessable, 'Invalid amount'),
  currency_invalid: kind(status.unprocessable, 'Unknown currency'),
  currency_without_deck: kind(status.unprocessable, 'No rate deck has this currency'),
  time_zone_invalid: kind(status.unprocessable, 'Unknown time zone'),
  time_zone_disputed: kind(status.unprocessable, 'The time zone databases disagree'),
  time_zone_unchanged: kind(status.conflict, 'The account already has that time zone'),
  key_already_issued: kind(status.conflict, 'The key has already been issued'),
  key_already_revoked: kind(status.conflict, 'The key has already been revoked'),
  key_not_rotatable: kind(status.conflict, 'Signing keys cannot be rotated'),
  public_key_invalid: kind(status.unprocessable, 'Invalid public key'),
  policy_invalid: kind(status.unprocessable, 'Invalid policy'),
  overlap_too_long: kind(status.unprocessable, 'The overlap is too long'),
  number_invalid: kind(status.unprocessable, 'Invalid number'),
  caller_number_not_allowed: kind(status.forbidden, 'The caller number is not allowed'),
  number_range_unknown: kind(status.unprocessable, 'No numbering plan has this range'),
  destination_not_allowed: kind(status.forbidden, 'The destination is not allowed'),
  voice_app_inactive: kind(status.forbidden, 'The app of the number is inactive'),
  rate_limited: kind(status.tooManyRequests, 'Too many calls a second'),
  lines_exhausted: kind(status.tooManyRequests, 'All lines are in use'),
  app_channels_exhausted: kind(status.tooManyRequests, 'The app has as many calls as it may have'),
  key_cap_reached: kind(status.forbidden, 'A lifetime cap of the key is used up'),
  daily_spend_exceeded: kind(status.forbidden, 'The daily spend limit is used up'),
  balance_insufficient: kind(status.forbidden, 'The balance does not cover the call'),
  no_route: kind(status.unprocessable, 'No trunk can take the call, or it has no price'),
  number_already_added: kind(status.conflict, 'An account has the number'),
  numbers_exhausted: kind(status.conflict, 'The account can have no more numbers'),
  no_numbers_selected: kind(status.notFound, 'No number meets the conditions'),
  number_unknown: kind(status.notFound, 'Number not found'),
  number_already_received: kind(status.conflict, 'Already received'),
  number_undeliverable: kind(status.conflict, 'There is no account to receive the number'),
  call_already_placed: kind(status.conflict, 'The call has already been placed'),
  call_already_received: kind(status.conflict, 'The call has already been received'),
  number_not_assigned: kind(status.notFound, 'The number is assigned to no app'),
  answering_key_missing: kind(status.forbidden, 'The app names no key that answers for it'),
  answering_key_unusable: kind(status.unprocessable, 'The app names a key that cannot answer for it'),
  call_unknown: kind(status.notFound, 'Call not found'),
  call_not_live: kind(status.conflict, 'The call is over'),
  call_not_controllable: kind(status.conflict, 'The call cannot be controlled yet'),
  leg_not_found: kind(status.conflict, 'The call has no such leg'),
  progress_already_recorded: kind(status.conflict, 'Already recorded'),
  attempt_mismatch: kind(status.conflict, 'Refers to a different dial attempt'),
  webhook_secret_unknown: kind(status.notFound, 'Webhook secret not found'),
  webhook_secret_already_created: kind(status.conflict, 'The webhook secret has already been created'),
  webhook_secrets_exhausted: kind(status.conflict, 'The account has as many webhook secrets as it may have'),
  webhook_secret_in_use: kind(status.conflict, 'An app uses the webhook secret'),
  voice_app_unknown: kind(status.notFound, 'Voice app not found'),
  voice_app_already_created: kind(status.conflict, 'The voice app has already been created'),
  voice_apps_exhausted: kind(status.conflict, 'The account has as many voice apps as it may have'),
  app_number_unknown: kind(status.unprocessable, 'The app names a number that the account does not have'),
  voice_app_in_use: kind(status.conflict, 'Numbers are assigned to the app'),
  app_secret_unknown: kind(status.unprocessable, 'The app names a webhook secret that does not exist'),
  ip_list_unknown: kind(status.notFound, 'IP list not found'),
  ip_list_already_created: kind(status.conflict, 'The IP list has already been created'),
  ip_lists_exhausted: kind(status.conflict, 'The account has as many IP lists as it may have'),
  ip_list_invalid: kind(status.unprocessable, 'Invalid IP list'),
  sip_trunk_in_use: kind(status.conflict, 'Numbers are assigned to the trunk'),
  ip_list_in_use: kind(status.conflict, 'A SIP trunk uses the IP list'),
  sip_trunk_unknown: kind(status.notFound, 'SIP trunk not found'),
  sip_trunk_already_created: kind(status.conflict, 'The SIP trunk has already been created'),
  sip_trunks_exhausted: kind(status.conflict, 'The account has as many SIP trunks as it may have'),
  sip_trunk_invalid: kind(status.unprocessable, 'Settings of the SIP trunk exclude each other'),
  trunk_secret_unknown: kind(status.unprocessable, 'The SIP trunk names a webhook secret that does not exist'),
  trunk_ip_list_unknown: kind(status.unprocessable, 'The SIP trunk names an IP list that does not exist'),
  nothing_to_change: kind(status.unprocessable, 'Nothing to change'),
  log_already_open: kind(status.conflict, 'The log is already open'),
  deck_already_published: kind(status.conflict, 'The rate deck has already been published'),
  number_range_invalid: kind(status.unprocessable, 'Invalid number range'),
  turning_away_counted: kind(status.conflict, 'Counted with other rejections'),
  nothing_due: kind(status.conflict, 'Nothing is due'),
  number_erased: kind(status.unavailable, 'The number was erased while the command waited'),
  deadline_passed: kind(status.unavailable, 'The deadline passed before a decision'),
  overloaded: kind(status.unavailable, 'Overloaded'),
  command_parked: kind(status.conflict, 'The command is parked; operator action required'),
  account_quarantined: kind(status.forbidden, 'The account is quarantined; operator action required'),
};

/** Codes that an operation can declare. */
export type ProblemCode = EdgeCode | RefusalCode;
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = { ...refusalProblems, ...edgeProblems };

/** The same codes for the presented key itself: the gateway accepted it, and it became invalid before the decision. */
export const presenterProblems: Readonly<Partial<Record<RefusalCode, ProblemKind>>> = {
  key_unknown: edgeProblems.key_not_accepted,
  key_revoked: edgeProblems.key_not_accepted,
  key_expired: edgeProblems.key_not_accepted,
};

/** Failures of a request. A code in none of these lists is a bug and is answered as `internal_error`. */
export const failureProblems: Readonly<Record<string, ProblemKind>> = {
  idempotency_key_reused: kind(status.conflict, 'The Idempotency-Key was used for another request'),
  not_accepted: kind(status.conflict, 'The command was not accepted'),
  overloaded: refusalProblems.overloaded,
  lane_unavailable: kind(status.unavailable, 'The lane is not available at the moment'),
  clock_stepped: kind(status.unavailable, 'The system clock was changed'),
  lane_lease_lost: kind(status.unavailable, 'The lane has moved to another process'),
  event_store_unavailable: kind(status.unavailable, 'The log cannot be reached'),
  stream_changed: kind(status.unavailable, 'The log has advanced; try again'),
  key_registry_behind: edgeProblems.registry_stale,
  vault_unavailable: kind(status.unavailable, 'The vault cannot be reached'),
  read_model_unavailable: kind(status.unavailable, 'The read models cannot be reached'),
  database_unavailable: kind(status.unavailable, 'The database cannot be reached'),
  read_model_behind: edgeProblems.read_model_behind,
  personal_value_invalid: kind(status.unprocessable, 'The value cannot be stored'),
  text_not_interchangeable: kind(status.unprocessable, 'The text is not valid Unicode'),
  event_field_invalid: kind(status.unprocessable, 'A value cannot be recorded'),
  event_too_large: kind(status.unprocessable, 'Too large for one event'),
  reply_timeout: kind(status.gatewayTimeout, 'No reply in time; the outcome of the command is unknown'),
  bus_unavailable: kind(status.unavailable, 'The message bus cannot be reached'),
  bus_overloaded: refusalProblems.overloaded,
  bus_closed: kind(status.unavailable, 'The process is stopping'),
  message_too_large: kind(status.unprocessable, 'Too large for one message'),
};

export const bodyBytesMax = 262_144;

/** The Retry-After when no better value is known. */
export const retryAfterDefaultMs = 1_000;

/** One invalid field. `path`: names from the root of the body, or the parameter's name. */
export type FieldProblem = {
  readonly in: 'body' | 'query' | 'path' | 'header';
  readonly path: readonly string[];
  readonly rule: string;
  readonly detail: string;
};

type ProblemExtras = {
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** The limit that the command would exceed. */
  readonly limitName?: string;
  /** A position token, for answers of a lane. */
  readonly position?: string;
  /** Names the command: the client's own key, or the one generated for it. */
  readonly idempotencyKey?: string;
};

/** The one exception of this library; its code determines its status. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly code: string,
    readonly kind: ProblemKind,
    /** A sentence that describes what would be valid; contains no personal data and no secret. */
    readonly detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(detail);
  }
}

export function edgeProblem(code: EdgeCode, detail: string, extras: ProblemExtras = {}): HttpProblem {
  return new HttpProblem(code, edgeProblems[code], detail, extras);
}

const codesOfStatuses: ReadonlyMap<number, readonly [EdgeCode, string]> = new Map([
  [status.badRequest, ['malformed_json', 'the body must be well-formed JSON']],
  [status.requestTimeout, ['request_timeout', 'the request must arrive in time']],
  [status.contentTooLarge, ['body_too_large', `the body has at most ${String(bodyBytesMax)} bytes`]],
  [status.uriTooLong, ['uri_too_long', 'the path must be shorter']],
  [status.unsupportedMediaType, ['content_type_unsupported', 'the body must be application/json']],
  [status.headersTooLarge, ['headers_too_large', 'the headers must be smaller']],
]);

/** The problem for an error of the web framework; a status without its own code means a request that cannot be read. */
export function problemOfStatus(answered: number): HttpProblem {
  const [code, detail] = codesOfStatuses.get(answered) ?? (['bad_request', 'the request cannot be read'] as const);
  return edgeProblem(code, detail);
}

/** The type of an error in bodies of the Teler API. */
const telerTypes: Readonly<Record<number, string>> = {
  [status.unauthorized]: 'authentication_error',
  [status.forbidden]: 'permission_error',
  [status.notFound]: 'not_found_error',
  [status.conflict]: 'conflict_error',
  [status.unprocessable]: 'validation_error',
  [status.tooManyRequests]: 'rate_limit_error',
  [status.internalError]: 'server_error',
  [status.unavailable]: 'server_error',
  [status.gatewayTimeout]: 'server_error',
};

export function telerBody({ code, kind: { status: answered }, detail, extras }: HttpProblem): object {
  const body = {
    success: false,
    message: detail,
    code,
    type: telerTypes[answered] ?? 'invalid_request_error',
    ...keyIn(extras),
  };
  if (answered !== status.unprocessable) return body;
  return { ...body, errors: (extras.errors ?? []).map(telerFieldError) };
}

function keyIn({ idempotencyKey }: ProblemExtras): object {
  return idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey };
}

function telerFieldError({ in: place, path, rule, detail }: FieldProblem): object {
  return { loc: [place, ...path], msg: detail, type: rule };
}

/**
 * The type of an RFC 9457 problem: the address of its description on this server, relative to the request, so that it
 * is also right below a proxy's path prefix. A client has to resolve types before it compares them; resolved, they are
 * the same at all routes of a server.
 * @param url of the request; undefined: the request could not be read, so there is no address to be relative to
 */
export function problemType(code: string, url: string | undefined): string {
  const path = url === undefined ? undefined : /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(url)?.[1];
  const up = path === undefined ? '/' : '../'.repeat(Math.max(0, path.split('/').length - 2));
  return `${up}api/docs/problems#${code}`;
}

/** @param url of the request, as `problemType` takes it */
export function rfc9457Body(
  { code, kind: { status: answered, title }, detail, extras }: HttpProblem,
  url: string | undefined,
): object {
  return {
    type: problemType(code, url),
    title,
    status: answered,
    detail,
    code,
    ...(extras.position === undefined ? {} : { position: extras.position }),
    ...keyIn(extras),
    ...(extras.errors === undefined ? {} : { errors: extras.errors.map(rfc9457FieldError) }),
  };
}

function rfc9457FieldError({ in: place, path, rule, detail }: FieldProblem): object {
  const where =
    place === 'body'
      ? { pointer: `#${path.map((name) => `/${escaped(name)}`).join('')}` }
      : { parameter: path.join('.') };
  return { ...where, in: place, rule, detail };
}

/**
 * Escapes a member name by RFC 6901, for a URI fragment. JSON permits names with a lone surrogate, which a URI cannot
 * have: it is written as U+FFFD.
 */
function escaped(name: string): string {
  const wellFormed = name.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  return encodeURIComponent(wellFormed.replaceAll('~', '~0').replaceAll('/', '~1'));
}
