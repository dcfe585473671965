// The few words of the web pages themselves, in every language they are written in. They are content, so that a
// translator never opens code; a page with a word missing must never be served, hence the check before the start.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

export const webLanguages = ['nb', 'nn', 'en'] as const;
export type WebLanguage = (typeof webLanguages)[number];

const word = z.string().trim().min(1);
const wordWith = (slot: string) => word.includes(slot, `must contain ${slot}`);

const wordsSchema = z.strictObject({
  hello: word,
  lead: word,
  what: word,
  machine: word,
  toChat: word,
  tryInvited: word,
  footer: word,
  urgent: word,
  chat: word,
  conversation: word,
  loading: word,
  startFree: word,
  startInvited: word,
  startKnown: word,
  startEnded: word,
  start: word,
  startMine: word,
  startNew: word,
  startMachine: word,
  startCookie: word,
  cookiesOff: word,
  noScript: word,
  reminders: word,
  help: word,
  helpText: word,
  menu: word,
  menuText: word,
  hide: word,
  more: word,
  print: word,
  forget: word,
  forgetSure: word,
  write: word,
  send: word,
  charactersLeft: wordWith('{n}'),
  charactersOver: wordWith('{n}'),
  you: word,
  bot: word,
  chosen: word,
  sending: word,
  sent: word,
  waiting: word,
  refused: word,
  offline: word,
  below: word,
  read: word,
  stopReading: word,
  file: wordWith('{name}'),
  awayTitle: word,
  awayWrite: word,
  awayBack: word,
  planPrint: word,
  planBack: word,
  planNone: word,
  planClosed: word,
  notFound: word,
  busy: word,
  failed: word,
  demo: word,
  demoNow: wordWith('{now}'),
  demoNext: word,
  demoLater: word,
});

export type PageWords = z.infer<typeof wordsSchema>;
export type WebWords = Record<WebLanguage, PageWords>;

/**
 * Reads `<folder>/<language>/web.yaml` for each language.
 * @param folder the content folder
 * @throws an Error naming the file and every missing, empty or unknown word
 */
export function readWebWords(folder: string): WebWords {
  const read = (language: WebLanguage): PageWords => {
    const file = join(folder, language, 'web.yaml');
    const result = wordsSchema.safeParse(parse(readFileSync(file, 'utf8')));
    if (!result.success) throw new Error(`${file} has faults:\n${z.prettifyError(result.error)}`);
    return result.data;
  };
  return { nb: read('nb'), nn: read('nn'), en: read('en') };
}

const spokenBy: Record<string, WebLanguage> = { nb: 'nb', nn: 'nn', no: 'nb', da: 'nb', sv: 'nb', en: 'en' };

/**
 * The page language for a browser: the first one it asks for that we have words in, else Norwegian.
 * @param accepted the Accept-Language header, such as `pl-PL,pl;q=0.9,en;q=0.8`; browsers list it best first
 */
export function pageLanguage(accepted: string | undefined): WebLanguage {
  for (const part of (accepted ?? '').split(',')) {
    const primary = part.split(';')[0]?.trim().split('-')[0]?.toLowerCase() ?? '';
    const language = spokenBy[primary];
    if (language) return language;
  }
  return 'nb';
}
