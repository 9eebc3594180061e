import { type KeyPolicy, noBounds } from '@ringfence/domain/keys/key-policy';
import { type Scope, scopePresets, scopes } from '@ringfence/domain/shared/scopes';

/** The first operator's key: it permits everything except placing calls, because it belongs to no account. */
export const operatorPolicy: KeyPolicy = {
  ...noBounds,
  scopes,
  callsPerSecond: 1,
  burstCalls: 1,
  linesMax: 0,
  onRevoke: 'drain',
  project: 'ringfence',
  application: 'operator',
};

/** The demo account's key for sandbox calls, its number, and the apps, trunks and secrets of a first voice agent. */
export const sandboxPolicy: KeyPolicy = {
  ...noBounds,
  scopes: [
    ...new Set<Scope>([
      ...scopePresets['Make calls'],
      ...scopePresets['Read data'],
      ...(['webhooks:write', 'apps:write', 'trunks:write', 'numbers:write', 'calls:receive'] as const),
    ]),
  ],
  callsPerSecond: 10,
  burstCalls: 20,
  linesMax: 100,
  onRevoke: 'hangup',
  project: 'demo',
  application: 'first-calls',
};
