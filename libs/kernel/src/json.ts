/** Values that JSON can express. Bigints are decimal strings; moments and lengths of time are whole milliseconds. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [name: string]: JsonValue };
