/** A body without fields (nothing, or an empty object), or a query without parameters. */
export class NoFields {}
