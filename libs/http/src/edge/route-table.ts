/** Methods by path, because the router itself only reports that nothing matched. */
export class RouteTable {
  readonly #methods = new Map<string, Set<string>>();
  #patterns: readonly (readonly [RegExp, readonly string[]])[] | undefined;

  add(url: string, methods: readonly string[]): void {
    const known = this.#methods.get(url) ?? new Set<string>();
    for (const method of methods) if (method !== '*') known.add(method);
    this.#methods.set(url, known);
    this.#patterns = undefined;
  }

  /** Methods of a path in alphabetical order; empty: the path does not exist. */
  methodsAt(url: string): readonly string[] {
    const path = url.split('?', 1)[0] ?? url;
    const found = new Set<string>();
    for (const [pattern, methods] of this.#compiled())
      if (pattern.test(path)) for (const method of methods) found.add(method);
    return [...found].sort();
  }

  #compiled(): readonly (readonly [RegExp, readonly string[]])[] {
    this.#patterns ??= [...this.#methods]
      .filter(([url]) => !url.includes('*'))
      .map(([url, methods]) => [
        new RegExp(`^${url.replaceAll('.', String.raw`\.`).replaceAll(/:[A-Za-z_]+/g, '[^/]+')}$`),
        [...methods],
      ]);
    return this.#patterns;
  }
}
