import { addMicros, subtractMicros, zeroMicros, type Micros } from '@ringfence/kernel/units';

/** One account's money in one mode. `availableMicros` is the amount that new reservations may use. */
export type Book = { readonly availableMicros: Micros; readonly reservedMicros: Micros };
export const emptyBook: Book = { availableMicros: zeroMicros, reservedMicros: zeroMicros };

export const credited = (book: Book, amountMicros: Micros): Book => ({
  ...book,
  availableMicros: addMicros(book.availableMicros, amountMicros),
});

export const reserved = (book: Book, amountMicros: Micros): Book => ({
  availableMicros: subtractMicros(book.availableMicros, amountMicros),
  reservedMicros: addMicros(book.reservedMicros, amountMicros),
});

/** Settles a reservation: part of it is charged, the rest becomes available again. */
export const settled = (book: Book, chargedMicros: Micros, releasedMicros: Micros): Book => ({
  availableMicros: addMicros(book.availableMicros, releasedMicros),
  reservedMicros: subtractMicros(book.reservedMicros, addMicros(chargedMicros, releasedMicros)),
});
