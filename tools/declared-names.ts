import ts from 'typescript';

/** Finds the names that a source file declares, with their lines; keys of object literals are not among them. */
export function declaredNamesOf(path: string, source: string): readonly (readonly [line: number, name: string])[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: (readonly [number, string])[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && isDeclared(node))
      found.push([file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, node.text]);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isDeclared(node: ts.Identifier | ts.PrivateIdentifier): boolean {
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) ||
      ts.isBindingElement(parent) ||
      ts.isParameter(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isClassElement(parent) ||
      ts.isTypeElement(parent) ||
      ts.isClassDeclaration(parent) ||
      ts.isTypeAliasDeclaration(parent) ||
      ts.isInterfaceDeclaration(parent)) &&
    parent.name === node
  );
}
