import { type HttpProblem, type ProblemCode, status, type Status } from '../problem.js';

/** The root of Twilio's API. */
export const twilioRoot = '/2010-04-01';

/** Tests whether errors on this path have Twilio's form. */
export function isTwilioPath(url: string): boolean {
  return url === twilioRoot || url.startsWith(`${twilioRoot}/`);
}

type TwilioError = { readonly status: Status; readonly code: number };
const error = (answered: Status, code: number): TwilioError => ({ status: answered, code });

const unauthorized = error(status.unauthorized, 20_003);
const forbidden = error(status.forbidden, 20_003);
const notFound = error(status.notFound, 20_404);
const tooMany = error(status.tooManyRequests, 20_429);
const inactive = error(status.forbidden, 20_005);
const blocked = error(status.badRequest, 21_216);

/** Twilio's error for each problem that has one of its own; others go by their status. */
const errors: Partial<Record<ProblemCode, TwilioError>> = {
  key_missing: unauthorized,
  key_malformed: unauthorized,
  key_not_accepted: unauthorized,
  source_not_allowed: unauthorized,
  scope_not_held: forbidden,
  not_found: notFound,
  call_unknown: notFound,
  // Agents that end a call twice take exactly this for success.
  call_not_live: notFound,
  method_not_allowed: error(status.methodNotAllowed, 20_004),
  account_not_verified: inactive,
  account_suspended: inactive,
  number_invalid: error(status.badRequest, 21_211),
  number_range_unknown: error(status.badRequest, 21_217),
  caller_number_not_allowed: error(status.badRequest, 21_210),
  destination_not_allowed: blocked,
  no_route: blocked,
  voice_app_inactive: blocked,
  key_cap_reached: blocked,
  daily_spend_exceeded: blocked,
  balance_insufficient: blocked,
  rate_limited: tooMany,
  lines_exhausted: tooMany,
  app_channels_exhausted: tooMany,
  cursor_invalid: error(status.badRequest, 21_481),
};

/** Twilio's codes of invalid parameters, by the parameter; 20001 for others. */
const invalidParameters: Readonly<Record<string, number>> = {
  To: 21_211,
  From: 21_212,
  Url: 21_205,
  ApplicationSid: 21_218,
  PageSize: 20_007,
  PageToken: 21_481,
};

/** A parameter whose value the state of the call does not permit. */
export const stateRule = 'call_state';

/**
 * A problem in Twilio's form: numeric codes, and no `type` and `title`, by which its libraries recognise
 * RFC 9457.
 */
export function twilioAnswer(problem: HttpProblem): { readonly status: Status; readonly body: object } {
  const found = errorOf(problem);
  return {
    status: found.status,
    body: {
      code: found.code,
      message: problem.detail,
      more_info: `https://www.twilio.com/docs/errors/${String(found.code)}`,
      status: found.status,
    },
  };
}

function errorOf({ code, kind, extras }: HttpProblem): TwilioError {
  if (code === 'validation_failed') {
    const [first] = extras.errors ?? [];
    if (first?.rule === stateRule) return error(status.badRequest, 21_220);
    return error(status.badRequest, invalidParameters[first?.path[0] ?? ''] ?? 20_001);
  }
  const own = (errors as Readonly<Record<string, TwilioError | undefined>>)[code];
  if (own !== undefined) return own;
  if (kind.status === status.tooManyRequests) return tooMany;
  if (kind.status === status.internalError) return error(kind.status, 20_500);
  if (kind.status === status.unavailable || kind.status === status.gatewayTimeout) return error(kind.status, 20_503);
  if (kind.status === status.notFound) return notFound;
  return error(kind.status, 20_001);
}
