/**
 * What was decided about one event: the records after it, the messages to send, the timers, the facts for the audit.
 * It is a plain value. Nothing in it has happened until the engine commits it, all or nothing.
 */
import type { Purpose } from './purpose.ts';
import type { Person, RecordKey } from './records.ts';
import type { Millis } from './time.ts';

export type Button = { label: string; data: string } | { label: string; url: string };

/** A file that goes with a message; `my-data` is put together when it is sent, from everything kept. */
export type Attachment = { name: string; type: string; body: string } | { name: string; make: 'my-data' };

export type Outgoing = {
  purpose: Purpose;
  language: string;
  text: string;
  buttons: Button[];
  /** The label of the button this answers; channels that show no own bubble for a tap can show it. */
  echo?: string;
  file?: Attachment;
};

/** A fact somebody must be able to look up later: ids and names of things, never what was said. */
export type Fact = { what: string; detail?: Record<string, string> };

export type Decision = {
  /** Null when the person is forgotten, or never was. */
  person: Person | null;
  /** Everything about the person is to be destroyed; what is said goes out as a farewell. */
  erase: boolean;
  put: { key: RecordKey; value: unknown }[];
  drop: RecordKey[];
  said: Outgoing[];
  timers: { set: { matter: string; due: Millis }[]; clear: string[] };
  facts: Fact[];
};
