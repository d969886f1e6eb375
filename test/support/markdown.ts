/** What the pages of the documentation hold that can be checked: programs, tables, headings, links. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.js';

/** A fenced block. `line` is that of its first line of code, counted from 1. */
export interface Block {
  language: string;
  line: number;
  code: string;
}

/** A table: one array of cells for each row below the heading row. */
export interface Table {
  heading: string[];
  rows: { line: number; cells: string[] }[];
}

/** A heading with all that stands below it, up to the next one of its level or above. */
export interface Section {
  title: string;
  text: string;
}

/** Every page, its path given from the checkout's folder. */
export function pages(): string[] {
  const top = readdirSync(checkout).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(checkout, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...top, ...docs];
}

const FENCED = /^```(\w*)\n(.*?)^```$/gms;

/** The fenced blocks of a page, all or those in one language. */
export function blocksIn(text: string, language?: string): Block[] {
  return [...text.matchAll(FENCED)]
    .map(({ 1: name = '', 2: code = '', index }) => ({
      language: name,
      line: lineAt(text, index) + 1,
      code,
    }))
    .filter((block) => language === undefined || block.language === language);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The text without its fenced blocks, line for line. */
export function proseOf(text: string): string {
  return text.replaceAll(FENCED, (block) => block.replaceAll(/[^\n]/g, ''));
}

/** The tables of a page. In a cell, `\|` stands for a bar. */
export function tablesIn(text: string): Table[] {
  const tables: Table[] = [];
  let open: Table | undefined;
  for (const [i, line] of proseOf(text).split('\n').entries()) {
    const cells = cellsOf(line);
    if (cells === undefined) {
      open = undefined;
    } else if (open === undefined) {
      open = { heading: cells, rows: [] };
      tables.push(open);
    } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      open.rows.push({ line: i + 1, cells });
    }
  }
  return tables;
}

function cellsOf(line: string): string[] | undefined {
  if (!line.startsWith('|') || !line.endsWith('|')) return undefined;
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The sections under headings of one level: `##` is 2. */
export function sectionsIn(text: string, level: number): Section[] {
  const sections: Section[] = [];
  let open: Section | undefined;
  const prose = proseOf(text).split('\n');
  for (const [i, line] of text.split('\n').entries()) {
    const [, marks, title] = /^(#+) (.*)$/.exec(prose[i] ?? '') ?? [];
    if (marks !== undefined && marks.length <= level) open = undefined;
    if (marks?.length === level) {
      open = { title: title as string, text: '' };
      sections.push(open);
    } else if (open !== undefined) {
      open.text += `${line}\n`;
    }
  }
  return sections;
}

/** What stands between backticks in a line or a page, blocks aside. */
export function codeIn(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string);
}

/** The targets of the links of a page. */
export function linksIn(text: string): string[] {
  return [...proseOf(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target as string);
}
