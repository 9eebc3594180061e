import { caller, type Customer } from './test-accounts.js';

export type Mode = 'live' | 'test';
export type Who = Mode | 'operator';
export const modes: readonly Mode[] = ['live', 'test'];

/** One account with money, keys of every scope and something of everything in both modes. */
export type World = {
  readonly accountId: string;
  /** The keys that ask. */
  readonly asking: Readonly<Record<Mode, Customer>>;
  /** The keys that are asked about. */
  readonly others: Readonly<Record<Mode, Customer>>;
  /** Calls by mode. No live call can be placed in this release: the id under `live` does not exist. */
  readonly calls: Readonly<Record<Mode, string>>;
  /** Events that are delivered, by mode; the id under `live` does not exist. */
  readonly events: Readonly<Record<Mode, string>>;
  readonly settings: Settings;
  readonly position: string;
};
/** Ids of what an account has set up, by mode. */
export type Settings = Readonly<
  Record<'secrets' | 'voice/apps' | 'sip/ip-acls' | 'sip/trunks' | 'virtual-numbers', Readonly<Record<Mode, string>>>
>;
export type Asked = { readonly method?: string; readonly path: string; readonly body?: object };
/** Statuses by who asks and by the mode of what is asked about. */
export type Answers = Readonly<Record<Who, Readonly<Record<Mode, number>>>>;
export type Row =
  /** Open to everybody, and about no account. */
  | 'open'
  /** Operators' own. */
  | { readonly operators: (world: World) => Asked }
  /** One answer whatever the mode, in which each sees so much. */
  | { readonly shows: (world: World) => string; readonly sees: Readonly<Record<Who, readonly Mode[]>> }
  /** A list, in which each sees what is its own by its id. */
  | { readonly lists: (world: World) => string; readonly ids: (world: World) => Readonly<Record<Mode, string>> }
  /** An answer that does not end by itself. */
  | { readonly streams: (world: World, target: Mode, who: Who) => string; readonly answers: Answers }
  | { readonly of: (world: World, target: Mode, who: Who) => Asked; readonly answers: Answers };

export const own = { live: ['live'], test: ['test'], operator: modes } as const;
export const bothWays = (live: number, test: number) => ({ live, test });
export const all = (status: number) => bothWays(status, status);
export const owner = (who: Who, world: World) => (who === 'operator' ? `account_id=${world.accountId}` : '');
export const everybody: readonly Who[] = ['live', 'test', 'operator'];
export const ofKey = (world: World, mode: Mode) => `/api/v1/keys/${world.others[mode].keyId}`;
export const ofCall = (world: World, mode: Mode) => `/api/v1/voice/calls/${world.calls[mode]}`;
export const hiddenCall: Answers = { live: all(404), test: bothWays(404, 200), operator: bothWays(404, 200) };
const place = { from_number: caller, to_number: '+442079460123', flow_url: 'https://flow.example.com/' };
export const placing: Row = {
  of: () => ({ method: 'POST', path: '/api/v1/calls/initiate', body: place }),
  // No trunk takes live calls in this release; an operator has no account that would pay.
  answers: { live: all(422), test: all(202), operator: all(403) },
};
