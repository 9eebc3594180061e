/** A place in a document: line from 1, column from 0, in characters. */
export type Place = { readonly line: number; readonly column: number };

/** A part of a document that cannot be carried out: where it is, what is wrong, and what would be right. */
export type TwimlFault = Place & { readonly detail: string };

/** A part of a valid document that has no effect, and why. */
export type TwimlWarning = Place & { readonly detail: string };
