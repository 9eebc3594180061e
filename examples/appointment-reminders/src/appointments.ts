/**
 * An appointment, and whom it is with. The sandbox answers these numbers as docs/sandbox.md says: one picks up, one is
 * busy, one does not answer.
 */
export type Appointment = { readonly id: string; readonly with: string; readonly number: string };

export const appointments: readonly Appointment[] = [
  { id: 'mon-0900', with: 'Mrs Lovelace', number: '+15005550000' },
  { id: 'mon-0930', with: 'Mr Turing', number: '+15005550003' },
  { id: 'mon-1000', with: 'Mrs Hopper', number: '+15005550000' },
];
