/** Everything of the public face that can be called, read or stored. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as smmap from 'smmap';
import { checkout } from '../../support/checkout.js';

type AnyFunction = (...args: unknown[]) => unknown;
export type AnyClass = new (...args: unknown[]) => object;

const exported = Object.entries(smmap) as [string, unknown][];

function isClass([name]: readonly [string, AnyFunction]): boolean {
  return /^[A-Z]/.test(name);
}

const callable = exported.filter(
  (entry): entry is [string, AnyFunction] => typeof entry[1] === 'function',
);

/** Exported functions, by name. */
export const functions = callable.filter((entry) => !isClass(entry));

/** Exported classes, by name. */
export const classes = callable.filter(isClass) as unknown as [string, AnyClass][];

/** Names that are marked `@internal`: nobody is promised anything about them. */
const internal = new Set(
  readdirSync(join(checkout, 'dist'))
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => readFileSync(join(checkout, 'dist', name), 'utf8'))
    .flatMap((text) => [...text.matchAll(/@internal[^/]*\*\/\s+(?:[a-z]+ )*(\w+)/g)])
    .map(([, name]) => name as string),
);

function isPublic(key: PropertyKey): boolean {
  return key !== 'constructor' && !internal.has(String(key));
}

/** The public members of an object, its classes' included. */
export function membersOf(object: object): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  let holder: object | null = object;
  while (holder !== null && holder !== Object.prototype && holder !== Error.prototype) {
    for (const key of Reflect.ownKeys(holder)) keys.add(key);
    holder = Object.getPrototypeOf(holder);
  }
  return [...keys].filter(isPublic);
}

/** The public functions that a class itself has. */
export function staticsOf(made: AnyClass): PropertyKey[] {
  return Reflect.ownKeys(made).filter(
    (key) => isPublic(key) && key !== 'prototype' && typeof Reflect.get(made, key) === 'function',
  );
}
