/**
 * All names that dialogue files may use, gathered from the rules that give them meaning. Two rules that claim one
 * name stop the program at once: a dialogue must never mean something else than its author read here.
 */
import * as arrival from './rules/arrival.ts';
import * as browse from './rules/browse.ts';
import * as followUp from './rules/follow-up.ts';
import * as goingHome from './rules/going-home.ts';
import * as ownWords from './rules/own-words.ts';
import * as plans from './rules/plans.ts';
import * as reminders from './rules/reminders.ts';
import * as reports from './rules/reports.ts';
import * as safety from './rules/safety.ts';
import * as settings from './rules/settings.ts';
import * as situation from './rules/situation.ts';
import * as talk from './rules/talk.ts';
import type { Vocabulary } from './turn.ts';

const parts = [
  arrival,
  safety,
  talk,
  ownWords,
  settings,
  situation,
  plans,
  browse,
  reminders,
  followUp,
  goingHome,
  reports,
].map((rule) => rule.vocabulary);

function gather<T>(tables: Record<string, T>[]): Record<string, T> {
  const all: Record<string, T> = {};
  for (const [name, meaning] of tables.flatMap((table) => Object.entries(table))) {
    if (Object.hasOwn(all, name)) throw new Error(`two rules give a meaning to ${name}`);
    all[name] = meaning;
  }
  return all;
}

export const vocabulary: Vocabulary = {
  conditions: gather(parts.map((part) => part.conditions)),
  actions: gather(parts.map((part) => part.actions)),
  readers: gather(parts.map((part) => part.readers)),
  options: gather(parts.map((part) => part.options)),
  values: gather(parts.map((part) => part.values)),
  links: gather(parts.map((part) => part.links)),
  overhear: ownWords.overhear,
  entries: [...new Set(parts.flatMap((part) => part.entries))],
};
