import { isRecord } from '@ringfence/event-catalog/shape-codec';

/** An accepted command's result under the platform's names; `secret` in clear. */
export type PlainResult = { readonly ids: Readonly<Record<string, unknown>>; readonly secret: string | null };

/** Codes of fields that were accepted without effect in this release; docs/backend.md lists them. */
export type WithWarnings = { readonly warnings: readonly string[] };
type OfKey = { readonly keyId: string };
type OfAccount = { readonly accountId: string };
type OfNumber = { readonly numberId: string };
/** `secret`: shown once, with the first outcome; null: it was shown before. */
type WithSecret = OfKey & { readonly secret: string | null };

export function ofKey({ ids }: PlainResult): OfKey {
  return { keyId: textIn(ids, 'key_id') };
}

export function ofAccount({ ids }: PlainResult): OfAccount {
  return { accountId: textIn(ids, 'account_id') };
}

export function ofNumber({ ids }: PlainResult): OfNumber {
  return { numberId: textIn(ids, 'number_id') };
}

export function withSecret(result: PlainResult): WithSecret {
  return { ...ofKey(result), secret: result.secret };
}

/** Returns an empty text where the id is missing: a command stays accepted, even if a later release omits an id. */
export function textIn(ids: PlainResult['ids'], name: string): string {
  const value = ids[name];
  return typeof value === 'string' ? value : '';
}

/** Reads the warnings: over Kafka each is a code; over HTTP an object that contains it. */
export function warningsIn({ warnings }: PlainResult['ids']): readonly string[] {
  const given: readonly unknown[] = Array.isArray(warnings) ? warnings : [];
  return given
    .map((warning) => (isRecord(warning) ? warning['code'] : warning))
    .filter((code): code is string => typeof code === 'string');
}
