import { type AccountId, parseSubjectId, type SubjectId } from '@ringfence/kernel/ids';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { accountOfStream, InvalidField, type RequestBuilder } from '../command-request.js';

export const requestEraseSubject: RequestBuilder<'erase_subject', 'vault'> = async (body, { stream }, { vault }) => {
  const accountId = accountOfStream(stream);
  const [byValue, byId] = [body.value ?? undefined, body.subject_id ?? undefined];
  if ((byValue === undefined) === (byId === undefined))
    throw new InvalidField(['value'], 'exclusive', 'exactly one of value and subject_id is needed');
  const named = byId === undefined ? undefined : parseSubjectId(byId);
  const known = byValue === undefined ? await ofAccount(vault, accountId, named) : await vault.find(accountId, byValue);
  return {
    stream,
    // An erased value cannot be found any more; whether this very command erased it, the lane knows.
    payload: { type: 'EraseSubject', accountId, subjectId: known ?? null },
    fields: byValue === undefined ? { subject_id: byId ?? null } : { value: byValue },
    // By the requested id, an earlier erasure is found too.
    result: { subject_id: known ?? named ?? null },
    secret: null,
  };
};

/** undefined: there is no such subject, it is another account's, or it was erased. */
async function ofAccount(
  vault: SubjectVault,
  accountId: AccountId,
  subjectId: SubjectId | undefined,
): Promise<SubjectId | undefined> {
  return subjectId !== undefined && (await vault.has(accountId, subjectId)) ? subjectId : undefined;
}
