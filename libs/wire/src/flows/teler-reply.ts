import type {
  DialAction,
  FlowAction,
  NestedAction,
  PlayAction,
  StreamAction,
} from '@ringfence/domain/flows/flow-action';
import { faultOf, type FlowFault, type FlowFaultCode } from '@ringfence/domain/flows/flow-fault';
import { durationMs } from '@ringfence/kernel/units';
import type { FieldRule } from '../field-rule.js';
import { actionMembers, nestedMembers } from './reply-rules.js';

/** The largest reply to a request for a flow. */
export const replyBytesMax = 65_536;

type Reply = { readonly action: FlowAction<string> } | { readonly fault: FlowFault };
/** The actions of the Teler API. */
const telerKinds = Object.keys(actionMembers);
type ActionKind = keyof typeof actionMembers;
type Rules = Readonly<Record<string, FieldRule<unknown>>>;

/** Reads what an application answered to a request for a flow: exactly one action of the Teler API, as JSON. */
export function readTelerReply(text: string): Reply {
  try {
    return { action: actionIn(parsed(text)) };
  } catch (thrown) {
    if (thrown instanceof InvalidReply) return { fault: thrown.fault };
    throw thrown;
  }
}

/** Says what would be right where a fault of a reply is; null: the fault is not of the reply. */
export function expectationOf({ code, action, pointer }: FlowFault): string | null {
  const [first = '', second] = (pointer ?? '').split('/').slice(1);
  switch (code) {
    case 'reply_too_large':
      return `is at most ${String(replyBytesMax)} bytes long`;
    case 'reply_not_json':
      return 'is a JSON object with one action';
    case 'action_unknown':
      return second === undefined
        ? `is one of ${telerKinds.join(', ')}`
        : `is one of ${Object.keys(nestedMembers).join(', ')}`;
    case 'member_unknown':
      return `has no members besides ${['action', ...Object.keys(membersAt(action, first))].join(', ')}`;
    case 'member_missing':
    case 'member_invalid': {
      const rules = second === undefined ? membersAt(action, '') : membersAt(action, first);
      return rules[second ?? first]?.expectation ?? 'is a word that names an action';
    }
    default:
      return null;
  }
}

function membersAt(action: FlowFault['action'], nestedIn: string): Rules {
  if (action === null || !isTelerKind(action)) return {};
  return nestedIn === '' ? actionMembers[action] : nestedMembers.play;
}

function isTelerKind(action: string): action is ActionKind {
  return Object.hasOwn(actionMembers, action);
}

/** An invalid reply; it never leaves this file. */
class InvalidReply extends Error {
  constructor(readonly fault: FlowFault) {
    super(fault.code);
  }
}

type Members = Readonly<Record<string, unknown>>;

function parsed(text: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidReply(faultOf('reply_not_json'));
  }
  if (!isObject(value)) throw new InvalidReply(faultOf('reply_not_json'));
  return value;
}

function actionIn(members: Members): FlowAction<string> {
  const kind = members['action'];
  if (kind === undefined) throw new InvalidReply(faultOf('member_missing', { pointer: '/action' }));
  switch (kind) {
    case 'stream':
      return streamIn(new MemberReader(members, 'stream', '', actionMembers.stream));
    case 'play':
      return playIn(new MemberReader(members, 'play', '', actionMembers.play));
    case 'dial':
      return dialIn(new MemberReader(members, 'dial', '', actionMembers.dial));
    case 'hangup':
      new MemberReader(members, 'hangup', '', actionMembers.hangup).done();
      return { kind: 'hangup' };
    default:
      throw new InvalidReply(faultOf('action_unknown', { pointer: '/action' }));
  }
}

function streamIn(reader: MemberReader<typeof actionMembers.stream>): StreamAction<string> {
  reader.done();
  return {
    kind: 'stream',
    wsUrl: reader.required('ws_url'),
    sampleRate: reader.optional('sample_rate') ?? '8k',
    chunkMs: durationMs(reader.optional('chunk_size') ?? 400),
    record: reader.optional('record') ?? true,
    protocol: 'teler',
    name: null,
    parameters: [],
    next: null,
  };
}

function playIn(reader: MemberReader<typeof actionMembers.play>): PlayAction<string> {
  reader.done();
  const mediaUrl = reader.required('media_url');
  const url = reader.optional('flow_url');
  return { kind: 'play', mediaUrl, timesPlayed: 1, next: url === undefined ? null : { url, method: 'POST' } };
}

function dialIn(reader: MemberReader<typeof actionMembers.dial>): DialAction<string> {
  reader.done();
  const record = reader.optional('record') ?? false;
  const headers = Object.entries(reader.optional('custom_headers') ?? {});
  const nested = (name: 'dial_music' | 'confirm_sound' | 'on_no_answer' | 'on_busy' | 'on_failure') =>
    nestedIn(reader.optional(name), name);
  return {
    kind: 'dial',
    to: reader.required('to'),
    ringTimeoutMs: durationMs(1_000 * (reader.optional('timeout') ?? 30)),
    record: record === false ? 'none' : record === true ? 'default' : record,
    customHeaders: headers.map(([name, value]) => ({ name, value })),
    statusCallbackUrl: reader.optional('status_callback_url') ?? null,
    ringback: reader.optional('ringback') ?? 'passthrough',
    dialMusic: nested('dial_music'),
    confirmSound: nested('confirm_sound'),
    onNoAnswer: nested('on_no_answer'),
    onBusy: nested('on_busy'),
    onFailure: nested('on_failure'),
  };
}

function nestedIn(value: object | undefined, name: string): NestedAction<string> | null {
  if (value === undefined) return null;
  const members = { ...value } as Members;
  const at = (code: FlowFaultCode) => new InvalidReply(faultOf(code, { action: 'dial', pointer: `/${name}/action` }));
  switch (members['action']) {
    case undefined:
      throw at('member_missing');
    case 'hangup':
      new MemberReader(members, 'dial', `/${name}`, nestedMembers.hangup).done();
      return { kind: 'hangup' };
    case 'play': {
      const reader = new MemberReader(members, 'dial', `/${name}`, nestedMembers.play);
      reader.done();
      const timesPlayed = reader.optional('loop') ?? 1;
      return { kind: 'play', mediaUrl: reader.required('media_url'), timesPlayed, next: null };
    }
    default:
      throw at('action_unknown');
  }
}

type ValueOf<Rule> = Rule extends FieldRule<infer Value> ? Value : never;

/** Reads the members of one object by their rules; null is the same as leaving a member out. */
class MemberReader<Of extends Rules> {
  constructor(
    private readonly members: Members,
    private readonly action: ActionKind,
    private readonly at: string,
    private readonly rules: Of,
  ) {}

  /** @throws InvalidReply for a member that the object does not have */
  done(): void {
    const known = new Set(['action', ...Object.keys(this.rules)]);
    if (Object.keys(this.members).every((name) => known.has(name))) return;
    // The name is the application's own text, and may be personal.
    throw this.#fault('member_unknown', this.at === '' ? null : this.at);
  }

  required<Name extends string & keyof Of>(name: Name): ValueOf<Of[Name]> {
    const value = this.optional(name);
    if (value === undefined) throw this.#fault('member_missing', `${this.at}/${name}`);
    return value;
  }

  optional<Name extends string & keyof Of>(name: Name): ValueOf<Of[Name]> | undefined {
    const value = Object.hasOwn(this.members, name) ? this.members[name] : undefined;
    if (value === undefined || value === null) return undefined;
    const rule: FieldRule<unknown> | undefined = this.rules[name];
    if (rule?.isValid(value) !== true) throw this.#fault('member_invalid', `${this.at}/${name}`);
    return value as ValueOf<Of[Name]>;
  }

  #fault(code: FlowFaultCode, pointer: string | null): InvalidReply {
    return new InvalidReply(faultOf(code, { action: this.action, pointer }));
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
