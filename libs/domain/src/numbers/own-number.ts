import type { NumberId, SubjectId } from '@ringfence/kernel/ids';
import type { Mode } from '../shared/values.js';
import type { NumberTarget } from './number.events.js';

/** A number that an account has, as its decisions see it. */
export type OwnNumber = {
  readonly numberId: NumberId;
  readonly mode: Mode;
  readonly territory: string | null;
  /** The number as a subject of the account. */
  readonly subjectId: SubjectId;
  readonly assignedTo: NumberTarget | null;
};
