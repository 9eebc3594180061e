export const keyRegistryName = 'key_registry';
/** Version of the projection; raise it when the rows would come out differently. */
export const keyRegistryVersion = 3;
