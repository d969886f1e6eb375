/**
 * What a user of the package can name, read from the compiler's own declarations
 * (`dist/*.d.ts`): their layout is always the same, so a scan of the lines will do.
 */

import { dirname, join } from 'node:path';
import { readText } from './checkout.js';

/** A member of a class or an interface, as often as it is declared (overloads, a getter and a setter). */
export interface Member {
  name: string;
  /** The text of the doc comment before it; empty when there is none. */
  doc: string;
  /** Marked `@internal`, `protected` or `private`: not for users. */
  hidden: boolean;
}

/** One exported name. */
export interface Declaration {
  name: string;
  /** Whether it is there at run time. */
  isValue: boolean;
  doc: string;
  /** Members declared here; those that are inherited belong to the class they come from. */
  members: Member[];
}

const REEXPORT = /^export (type )?(?:\*|\{ ([^}]+?),? \}) from '\.\/([\w-]+)\.js';$/gm;
const TOP = /^export (?:declare )?(?:abstract )?(class|interface|function|const|type) (\w+)/;
const HAS_BODY = /^export (?:declare )?(?:abstract )?(?:class|interface) .*\{$/;
const MODIFIERS = /^ {4}(?:(?:private|protected|static|override|abstract|readonly|get|set) )*/;
const MEMBER = /^([A-Za-z_$][\w$]*|\[Symbol\.\w+\])[?(:;<]/;
const HIDDEN = /^ {4}(?:private |protected )/;

/** What a user imports: the package itself, and its entry for clients. */
export type EntryPoint = 'index' | 'clients/index';

/** Everything that an entry point exports, in the order of its names there. */
export function exportedDeclarations(entry: EntryPoint): Declaration[] {
  return [...readText(`dist/${entry}.d.ts`).matchAll(REEXPORT)].flatMap(
    ([, typesOnly, list, name = '']) => {
      const module = join(dirname(entry), name);
      const declared = declarationsOf(readText(`dist/${module}.d.ts`));
      const items = list?.split(', ') ?? declared.map(({ name }) => name);
      return items.map((item) => {
        const name = item.replace(/^type /, '');
        const found = declared.filter((each) => each.name === name);
        if (found.length === 0) throw new Error(`${module}.d.ts does not declare ${name}`);
        const one = merge(found, typesOnly === undefined && item === name);
        return one.doc === '' ? { ...one, doc: sharedDoc(module, name) } : one;
      });
    },
  );
}

/** The doc comment before a group of constants, no empty line between them, that `name` is one of. */
function sharedDoc(module: string, name: string): string {
  const group = `/\\*\\*(.*)\\*/\\n(?:export const .*\\n)*export const ${name}\\b`;
  return new RegExp(group).exec(readText(`src/${module}.ts`))?.[1]?.trim() ?? '';
}

/** A class and an interface of one name are one thing. */
function merge(parts: readonly Declaration[], isValue: boolean): Declaration {
  const [{ name }] = parts as [Declaration];
  const docs = parts.map((part) => part.doc);
  return {
    name,
    isValue,
    doc: docs.join(' ').trim(),
    members: parts.flatMap((part) => part.members),
  };
}

function declarationsOf(text: string): Declaration[] {
  const found: Declaration[] = [];
  let doc = '';
  let inside: Declaration | undefined;
  for (const line of joinComments(text)) {
    const comment = /^ *\/\*\*(.*)\*\/$/.exec(line);
    if (comment !== null) {
      doc = (comment[1] as string).trim();
      continue;
    }
    const [, , name] = TOP.exec(line) ?? [];
    if (name !== undefined) {
      const opened: Declaration = { name, isValue: false, doc, members: [] };
      found.push(opened);
      inside = HAS_BODY.test(line) ? opened : undefined;
    } else if (line.startsWith('}')) {
      inside = undefined;
    } else if (inside !== undefined && /^ {4}\S/.test(line)) {
      addMember(inside, line, doc);
    }
    doc = '';
  }
  return found;
}

function addMember({ members }: Declaration, line: string, doc: string): void {
  const [, name] = MEMBER.exec(line.replace(MODIFIERS, '')) ?? [];
  const hidden = HIDDEN.test(line) || doc.includes('@internal');
  if (name !== undefined) members.push({ name, doc, hidden });
}

/** The lines, each doc comment on one. */
function joinComments(text: string): string[] {
  const joined = text.replaceAll(/\/\*\*(.*?)\*\//gs, (_, words: string) => {
    return `/**${words.replaceAll(/\s*\n[ *]*/g, ' ')}*/`;
  });
  return joined.split('\n');
}
