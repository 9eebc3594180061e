import { isRecord } from '@ringfence/event-catalog/shape-codec';

/** An accepted command's result with the names of the platform; a secret as it is shown. */
export type PlainResult = { readonly ids: Readonly<Record<string, unknown>>; readonly secret: string | null };

/** Codes of the fields that were accepted and have no effect in this release; docs/backend.md lists them. */
export type WithWarnings = { readonly warnings: readonly string[] };
type OfKey = { readonly keyId: string };
type OfAccount = { readonly accountId: string };
/** `secret`: shown once, with the first outcome; null: it was shown before. */
type WithSecret = OfKey & { readonly secret: string | null };

export function ofKey({ ids }: PlainResult): OfKey {
  return { keyId: textIn(ids, 'key_id') };
}

export function ofAccount({ ids }: PlainResult): OfAccount {
  return { accountId: textIn(ids, 'account_id') };
}

export function withSecret(result: PlainResult): WithSecret {
  return { ...ofKey(result), secret: result.secret };
}

/** Empty where it is missing: an id that a later release leaves out does not make an accepted command anything else. */
export function textIn(ids: PlainResult['ids'], name: string): string {
  const value = ids[name];
  return typeof value === 'string' ? value : '';
}

/** Reads the warnings: over Kafka a warning is its code; over HTTP an object with it. */
export function warningsIn({ warnings }: PlainResult['ids']): readonly string[] {
  const given: readonly unknown[] = Array.isArray(warnings) ? warnings : [];
  return given
    .map((warning) => (isRecord(warning) ? warning['code'] : warning))
    .filter((code): code is string => typeof code === 'string');
}
