import { ringbacks, sampleRates } from '@ringfence/domain/flows/flow-action';
import { boolean, choice, e164Number, endpointUrl, type FieldRule, wholeNumber } from '../field-rule.js';

const urlCharactersMax = 2_048;
const plainSocketUrl = /^wss?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?][\x21\x22\x24-\x7e]*)?$/;
/** An absolute ws or wss URL to which the platform connects. */
const socketUrl: FieldRule<string> = {
  name: 'url',
  expectation: `is an absolute ws(s) URL of at most ${String(urlCharactersMax)} characters without credentials and fragment`,
  schema: { type: 'string', format: 'uri', maxLength: urlCharactersMax, pattern: '^wss?://[^#]+$' },
  isValid: (value): value is string =>
    typeof value === 'string' && value.length <= urlCharactersMax && plainSocketUrl.test(value) && URL.canParse(value),
};

const sipUri = /^sips?:[A-Za-z0-9_.!~*'()&=+$,;?/%-]{1,64}@[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/;
/** The target of a dial. */
const dialTarget: FieldRule<string> = {
  name: 'dial_target',
  expectation: 'is a number in E.164, such as +15005550000, or a SIP URI, sip:user@host',
  schema: { type: 'string', maxLength: 330 },
  isValid: (value): value is string => e164Number.isValid(value) || (typeof value === 'string' && sipUri.test(value)),
};

/** Length of one piece of audio in milliseconds: whole frames of 20 ms. */
const chunkSize: FieldRule<number> = {
  name: 'chunk_size',
  expectation: 'is a whole number of milliseconds from 20 to 2000, and a multiple of 20',
  schema: { type: 'integer', minimum: 20, maximum: 2_000, multipleOf: 20 },
  isValid: (value): value is number => wholeNumber(20, 2_000).isValid(value) && value % 20 === 0,
};

const dialRecordWords = ['stereo', 'mono', 'per_leg'] as const;
type DialRecord = boolean | (typeof dialRecordWords)[number];
const dialRecord: FieldRule<DialRecord> = {
  name: 'dial_record',
  expectation: 'is false, true, "stereo", "mono" or "per_leg"',
  schema: { enum: [false, true, ...dialRecordWords] },
  isValid: (value): value is DialRecord => boolean.isValid(value) || choice(dialRecordWords).isValid(value),
};

const headersMax = 16;
const headerBytesMax = 256;
const headerName = /^X-[A-Za-z0-9-]{1,62}$/i;
const headerValue = /^[^\p{Cc}\p{Cs}]+$/u;
type CustomHeaders = Readonly<Record<string, string>>;
/** Headers of a SIP INVITE. */
const customHeaders: FieldRule<CustomHeaders> = {
  name: 'custom_headers',
  expectation: `is an object of at most ${String(headersMax)} headers: different names that begin with X-, and text of 1 to ${String(headerBytesMax)} bytes without control characters`,
  schema: { type: 'object', maxProperties: headersMax, additionalProperties: { type: 'string' } },
  isValid: (value): value is CustomHeaders => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const headers = Object.entries(value);
    const names = new Set(headers.map(([name]) => name.toLowerCase()));
    return headers.length <= headersMax && names.size === headers.length && headers.every(isHeader);
  },
};

function isHeader([name, value]: readonly [string, unknown]): boolean {
  if (!headerName.test(name) || typeof value !== 'string' || !headerValue.test(value)) return false;
  return new TextEncoder().encode(value).length <= headerBytesMax;
}

const nestedAction: FieldRule<object> = {
  name: 'nested_action',
  expectation: 'is an object whose action is "play" or "hangup"',
  schema: { type: 'object' },
  isValid: (value): value is object => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** The members of each action besides `action`, with their rules. */
export const actionMembers = {
  stream: {
    ws_url: socketUrl,
    sample_rate: choice(sampleRates),
    chunk_size: chunkSize,
    record: boolean,
  },
  play: { media_url: endpointUrl, flow_url: endpointUrl },
  hangup: {},
  dial: {
    to: dialTarget,
    timeout: wholeNumber(1, 600),
    record: dialRecord,
    custom_headers: customHeaders,
    status_callback_url: endpointUrl,
    ringback: choice(ringbacks),
    dial_music: nestedAction,
    confirm_sound: nestedAction,
    on_no_answer: nestedAction,
    on_busy: nestedAction,
    on_failure: nestedAction,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldRule<unknown>>>>>;

/** The members of an action within another one. */
export const nestedMembers = {
  play: { media_url: endpointUrl, loop: wholeNumber(1, 100) },
  hangup: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldRule<unknown>>>>>;
