import type { OperationId, SubjectId } from '@ringfence/kernel/ids';
import { Failure } from '@ringfence/kernel/failure';
import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from 'node:crypto';

const personalValueCharactersMax = 2_048;
/** A subject's data key: AES-256. */
export const dataKeyBytes = 32;

/** The cipher, used with a key object: in Node 24 bare bytes take five times as long. */
const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const notInterchangeable = /[\0\p{Surrogate}]/u;

/**
 * Checks that a value is NFC text, so that one value has one form and one subject.
 * @throws Failure `personal_value_invalid`, whose message contains nothing of the value
 */
export function checkPersonalValue(value: string): void {
  if (value === '' || value.length > personalValueCharactersMax)
    throw invalid(`has 1–${String(personalValueCharactersMax)} characters`);
  if (notInterchangeable.test(value)) throw invalid('is valid Unicode without U+0000');
  if (value.normalize('NFC') !== value) throw invalid('is in Unicode normalisation form C');
}

/**
 * Seals a value as base64url of iv ‖ ciphertext ‖ tag, bound to the subject: it cannot be opened for another one. The
 * same key and value give the same text, so the text need not be kept. A key seals one value; the iv follows from both,
 * so that even another value would get another. Without the key nothing can be compared with it.
 */
export function sealValue(dataKey: KeyObject, subjectId: SubjectId | OperationId, value: string): string {
  const iv = createHmac('sha256', dataKey).update(value, 'utf8').digest().subarray(0, ivBytes);
  const sealing = createCipheriv(cipher, dataKey, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(subjectId));
  const sealed = sealing.update(value, 'utf8');
  sealing.final();
  return Buffer.concat([iv, sealed, sealing.getAuthTag()]).toString('base64url');
}

/** @throws Failure `sealed_text_broken`: the text was not sealed for this subject */
export function openValue(dataKey: KeyObject, subjectId: SubjectId | OperationId, ciphertext: string): string {
  const bytes = Buffer.from(ciphertext, 'base64url');
  try {
    const opening = createDecipheriv(cipher, dataKey, bytes.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    })
      .setAAD(Buffer.from(subjectId))
      .setAuthTag(bytes.subarray(-tagBytes));
    return opening.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + opening.final('utf8');
  } catch (cause) {
    throw new Failure('sealed_text_broken', `the ciphertext of ${subjectId} is not what was sealed`, false, { cause });
  }
}

function invalid(rule: string): Failure {
  return new Failure('personal_value_invalid', `a personal value ${rule}`, false);
}
