import ts from 'typescript';

/** A piece of prose in a source file: a docstring, another comment, or a string with more than one word. */
export type Prose = { readonly kind: 'docstring' | 'comment' | 'string'; readonly line: number; readonly text: string };

const directive = /^\/[/*]\s*(?:prettier-ignore|eslint-disable|@ts-|#)/;

/** Finds the prose of a source file; code spans in back-ticks inside of comments are left out, for they are code. */
export function proseOf(path: string, source: string): readonly Prose[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: Prose[] = [];
  const lineAt = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const comment = (from: number, to: number) => {
    const raw = source.slice(from, to);
    if (directive.test(raw)) return;
    const kind = raw.startsWith('/**') ? 'docstring' : 'comment';
    found.push({ kind, line: lineAt(from), text: textOfComment(raw) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || isTemplatePart(node)) {
      if (/\S \S/.test(node.text)) found.push({ kind: 'string', line: lineAt(node.getStart(file)), text: node.text });
    }
    const children = node.getChildren(file);
    if (children.length === 0) {
      ts.forEachLeadingCommentRange(source, node.getFullStart(), comment);
      if (node.getFullStart() > 0) ts.forEachTrailingCommentRange(source, node.getFullStart(), comment);
    }
    for (const child of children) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(file);
  return found;
}

function isTemplatePart(node: ts.Node): node is ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail {
  return ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
}

function textOfComment(raw: string): string {
  return raw
    .replace(/^\/\*\*?|\*\/$|^\/\//g, '')
    .replaceAll(/\n\s*\* ?/g, '\n')
    .replaceAll(/`[^`]*`/g, '`…`')
    .trim();
}

/** The lines of a page outside of code and HTML comments, with their numbers; code spans are blanked. */
export function proseLinesOf(page: string): readonly (readonly [line: number, text: string])[] {
  let inCode = false;
  return page.split('\n').flatMap((text, at) => {
    if (/^\s*(```|~~~)/.test(text)) inCode = !inCode;
    if (inCode || /^\s*(```|~~~|<!--)/.test(text)) return [];
    return [[at + 1, text.replaceAll(/`[^`]*`/g, '`…`')] as const];
  });
}

/** The longest line that the tree may have. */
export const columnsMax = 120;
/** Columns that a longer line may have beside the literals that make it long: a string cannot be broken. */
const columnsBesideLiterals = 80;

/** Finds lines that are too long, unless a string, a template or a pattern makes them so. @returns their numbers */
export function overlongLines(path: string, source: string): readonly number[] {
  const lines = source.split('\n');
  const long = lines.flatMap((line, at) => (line.length > columnsMax ? [at] : []));
  if (long.length === 0) return [];
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const literal = lines.map(() => 0);
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isTemplateExpression(node) || isPlainLiteral(node)) {
      let position = node.getStart(file);
      for (const part of source.slice(position, node.end).split('\n')) {
        const { line } = file.getLineAndCharacterOfPosition(position);
        literal[line] = (literal[line] ?? 0) + part.length;
        position += part.length + 1;
      }
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return long
    .filter((at) => (lines[at]?.length ?? 0) - (literal[at] ?? 0) > columnsBesideLiterals)
    .filter((at) => !/https?:\/\/\S+$/.test(lines[at] ?? ''))
    .map((at) => at + 1);
}

function isPlainLiteral(node: ts.Node): boolean {
  return ts.isNoSubstitutionTemplateLiteral(node) || ts.isRegularExpressionLiteral(node);
}
