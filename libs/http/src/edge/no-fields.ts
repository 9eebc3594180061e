/** A body without fields: nothing, or an empty object. A query without parameters. */
export class NoFields {}
