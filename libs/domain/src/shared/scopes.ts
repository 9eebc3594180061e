export const scopes = [
  'calls:write',
  'calls:read',
  'streams:connect',
  'keys:write',
  'keys:read',
  'billing:read',
  'audit:read',
  'webhooks:write',
  'numbers:write',
  'accounts:admin',
  'apps:write',
  'apps:read',
  'trunks:write',
  'trunks:read',
  'calls:receive',
] as const;
/** Permission of a key. */
export type Scope = (typeof scopes)[number];

export const scopePresets = {
  'Make calls': ['calls:write', 'calls:read', 'streams:connect'],
  'Read data': ['calls:read', 'billing:read', 'audit:read', 'keys:read', 'apps:read', 'trunks:read'],
} as const satisfies Record<string, readonly Scope[]>;
export type ScopePreset = keyof typeof scopePresets;
