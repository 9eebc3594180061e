/** A body without fields: nothing, or an empty object. */
export class NoFields {}
