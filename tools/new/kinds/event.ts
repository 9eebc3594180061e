import type { Kind } from '../kind.js';
import type { Block } from '../tree.js';

const contextMap = 'libs/domain/src/domain-event.ts';
const examples = 'libs/testing/src/example-events.ts';

/** An event of an existing context: type, entry in the catalogue, example, and a line where its streams evolve. */
export const kind: Kind = {
  usage: '<context> <EventName>   a fact that the domain records: `platform TrunkRetired`',
  generate: ([context = '', type = '', ...more], { tree, naming: { camelOf, snakeOf } }) => {
    const form = forms.get(context);
    if (form === undefined) throw new Error(`the context is one of ${[...forms.keys()].join(', ')}`);
    if (!/^[A-Z][a-z]+(?:[A-Z][a-z]+)+$/.test(type) || more.length > 0)
      throw new Error('the name is in Pascal case and ends with what has happened: KeyRevoked');
    const map = tree.read(contextMap);
    const [, union = ''] = new RegExp(`^ {2}readonly ${context}: (\\w+);$`, 'm').exec(map) ?? [];
    const [, file = ''] = new RegExp(`\\b${union}\\b.* from './(.*)\\.js';`).exec(map) ?? [];
    const events = `libs/domain/src/${file}.ts`;
    const catalogue = `libs/event-catalog/src/${context}.ts`;
    // A key was revoked at `revokedAtMs`.
    const moment = `${camelOf(type.replace(/^.*(?=[A-Z])/, ''))}AtMs`;
    const name = `${form.wire}.${snakeOf(type).replace(new RegExp(`^${form.wire}_`), '')}`;

    if (tree.read(events).includes(`export type ${type} =`)) throw new Error(`${events} has ${type} already`);
    tree.insertBefore(events, `export type ${union} =`, `export type ${type} = ${form.typeOf(type, moment)};\n\n`);
    tree.append(events, { opening: `export type ${union} =`, closing: ';' }, ` | ${type}`);
    tree.append(
      catalogue,
      { opening: `: ContextCatalogue<${union}> = {`, closing: '\n};' },
      `\n  ${type}: { name: '${name}', version: 1, fields: { ${form.fields}${moment}: moment }, ${form.facts} },`,
    );
    tree.append(
      examples,
      { opening: 'export const exampleEvents:', closing: '\n};' },
      `\n  ${type}: { type: '${type}', ${form.example}${moment}: nine },`,
    );
    for (const { path, block, line } of form.evolutions) tree.append(path, block, line(type));
    return [
      `Give ${type} its fields in ${events}, ${catalogue} (libs/event-catalog/src/shape.ts has their codecs) and ${examples}.`,
      'Decide for each reader of the context what the event does to it: npm run typecheck names them.',
      'Write golden files and pages: RINGFENCE_WRITE_GOLDEN=1 RINGFENCE_WRITE_DOCS=1 npm test -- libs/event-catalog',
      'Write the AsyncAPI document: UPDATE_OPENAPI=1 npm test -- libs/http/src/asyncapi',
      `Record it: a decider of ${context} returns it.`,
    ];
  },
};

type Evolution = { readonly path: string; readonly block: Block; readonly line: (type: string) => string };
/** The common form of one context's events. */
type Form = {
  readonly wire: string;
  readonly typeOf: (type: string, moment: string) => string;
  readonly fields: string;
  readonly facts: string;
  readonly example: string;
  /** The `evolve` of each stream that holds the events; a new event changes no state. */
  readonly evolutions: readonly Evolution[];
};

const recordWith = (members: string) => (type: string, moment: string) =>
  `{ readonly type: '${type}'; ${members}readonly ${moment}: EpochMs }`;

const inAccount: Evolution = {
  path: 'libs/domain/src/streams/account/account-evolve.ts',
  block: { opening: 'const evolutions:', closing: '\n};' },
  line: (type) => `\n  ${type}: { changes: [] },`,
};
const inPlatform: Evolution = {
  path: 'libs/domain/src/streams/platform/platform-stream.ts',
  block: { opening: 'function evolve(state: PlatformState', closing: '\n  }\n}' },
  line: (type) => `\n    case '${type}':\n      return state;`,
};
const inKey: Evolution = {
  path: 'libs/domain/src/keys/key-state.ts',
  block: { opening: 'export function evolveKey(', closing: '\n  }\n}' },
  line: (type) => `\n    case '${type}':\n      return state;`,
};

const forms: ReadonlyMap<string, Form> = new Map([
  [
    'accounts',
    {
      wire: 'account',
      typeOf: recordWith('readonly accountId: AccountId; '),
      fields: "accountId: id('acc'), ",
      facts: "facts: ({ accountId }) => about(accountId, 'live'), accountWide: true",
      example: 'accountId: exampleAccountId, ',
      evolutions: [inAccount],
    },
  ],
  [
    'keys',
    {
      wire: 'key',
      typeOf: recordWith('readonly keyId: KeyId; '),
      fields: "keyId: id('key'), ",
      facts: 'facts: aboutKey',
      example: 'keyId: exampleKeyId, ',
      evolutions: [inAccount, inPlatform, inKey],
    },
  ],
  [
    'calls',
    {
      wire: 'call',
      typeOf: (type, moment) => `OfCall & ${recordWith('')(type, moment)}`,
      fields: '...ofCall, ',
      facts: 'facts: aboutCall',
      example: '...ofCall, ',
      evolutions: [inAccount],
    },
  ],
  [
    'rejections',
    {
      wire: 'audit',
      typeOf: recordWith('readonly presentedKeyId: KeyId | null; '),
      fields: "presentedKeyId: nullable(id('key')), ",
      facts: 'facts: aboutPresentedKey',
      example: 'presentedKeyId: exampleKeyId, ',
      evolutions: [inAccount, inPlatform],
    },
  ],
  [
    'platform',
    {
      wire: 'platform',
      typeOf: recordWith(''),
      fields: '',
      facts: 'facts: aboutPlatform',
      example: '',
      evolutions: [inPlatform],
    },
  ],
]);
