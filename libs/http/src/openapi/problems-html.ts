import type { ProblemPage } from './docs-site.js';

/** Renders the page to which the types of RFC 9457 problems link: each code at its own anchor, with its description. */
export function problemsHtml(head: string, problems: readonly ProblemPage[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ringfence problems</title>
${head}
<style>body{font-family:system-ui;line-height:1.4;max-width:48rem;margin:2rem auto;padding:0 1rem}article{padding:.1rem 1rem}:target{background:#ffc}</style></head>
<body><h1>Problems</h1><p>Programs may rely on the code. <a href="problems.md">The same as Markdown</a></p>
${problems.map(articleOf).join('\n')}</body></html>`;
}

function articleOf({ code, status, summary, paragraphs }: ProblemPage): string {
  const text = [status, summary, ...paragraphs].map((paragraph) => `<p>${inHtml(paragraph)}</p>`).join('\n');
  return `<article id="${code}"><h2><a href="problems/${code}.md"><code>${code}</code></a></h2>\n${text}</article>`;
}

/** Renders the subset of Markdown that pages about problems use: code, bold, and links to other pages. */
function inHtml(markdown: string): string {
  return markdown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replaceAll(
      /\[([^\]]+)\]\(([^)]+)\)/g,
      (_, text: string, target: string) => `<a href="${placeOf(target)}">${text}</a>`,
    );
}

/** Resolves a link: another code is on this page; other pages are beside it. */
function placeOf(target: string): string {
  const [, code] = /^([a-z_\d]+)\.md$/.exec(target) ?? [];
  return code === undefined ? target.replace(/^\.\.\//, '') : `#${code}`;
}
