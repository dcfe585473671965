/**
 * What is remembered: the person, the invitation, the clinic and the history kept beside them. Each record has one
 * owner and a schema version `v`; everything here is sealed before it reaches a store.
 * A record never holds what the person wrote in their own words, unless they asked to keep it as a diary line.
 */
import type { Plan } from './plan.ts';
import type { Purpose } from './purpose.ts';
import type { Millis, Quiet } from './time.ts';

/** The clinic visitors belong to who come without an invitation. */
export const house = 'house';

export type Clinic = {
  v: 1;
  id: string;
  name: string;
  /** When somebody at the clinic reads notices, in its own words; null when nobody does. */
  reads: string | null;
  zone: string;
  /** After how many days without a word somebody is forgotten; absent or null: a year, or two after discharge. */
  keepsDays?: number | null;
};

/** A single-use link into the chat. Its token is never stored, only a hash that leads here. */
export type Invitation = {
  v: 1;
  id: string;
  clinic: string;
  /** The clinic's own name for the patient; shown to nobody else. */
  alias: string | null;
  /** Planned discharge, local date. */
  discharge: string | null;
  /** A clinician decided that somebody under eighteen may take part. */
  young: boolean;
  made: Millis;
  expires: Millis;
  /** The person who opened it; freed again when that person says no to the consent. */
  taken: string | null;
};

export const consents = ['channel', 'reminders', 'attendance', 'diary', 'calls'] as const;
export type Consent = (typeof consents)[number];

export type Chat = { channel: string; address: string };

/** One open question: where a dialogue waits for this person. `wait` is what its buttons carry. */
export type Frame = {
  wait: string;
  dialogue: string;
  step: string;
  purpose: Purpose;
  /** What the dialogue has learned so far; names and short values only. */
  vars: Record<string, string>;
  /** Ids of the evidence that the words of this question lean on. */
  cited: string[];
  /** Offered in this wait from a named list, in order. */
  options: { label: string; value: string }[];
  /** Announced neutrally; the real words come when tapped. */
  veiled: boolean;
  /** When silence leads on by itself. */
  silence: Millis | null;
};

/** What a person has told about their situation, where a dialogue needed to know; null is not asked. */
export type Situation = {
  lar: boolean | null;
  medication: boolean | null;
  opioids: boolean | null;
  /** Has been to a meeting before. */
  before: boolean | null;
  young: boolean | null;
};

/** What a person hopes for in a meeting; each was said in a dialogue. */
export const wishes = [
  'open',
  'beginners',
  'young',
  'lar',
  'quiet',
  'online',
  'english',
  'women',
  'men',
  'wheelchair',
  'company',
] as const;
export type WishFor = (typeof wishes)[number];

/** A ruler from 0 to 10, as answered at a moment. */
export type Reading = { at: Millis; value: number };

export type Person = {
  v: 1;
  id: string;
  clinic: string;
  /** Null for a visitor, who is forgotten a day after the last word. */
  invitation: string | null;
  chat: Chat;
  language: string;
  since: Millis;
  heard: Millis;
  /** Planned discharge as the clinic named it when the person agreed to the chat, local date. */
  discharge: string | null;
  /** When the word on lost tolerance before discharge was sent. */
  warned: Millis | null;
  consents: Partial<Record<Consent, { given: boolean; at: Millis }>>;
  zone: string;
  place: { label: string; postcode: string | null; lat: number; lon: number } | null;
  fellowships: string[] | null;
  situation: Situation;
  wishes: WishFor[];
  /** Ids of meetings that fitted badly, as the person said; absent while there is none. */
  unfit?: string[];
  /** How important it is to them to go, and how sure they are that they can; oldest first. */
  rulers: { importance: Reading[]; confidence: Reading[] };
  quiet: Quiet;
  discreet: boolean;
  paused: Millis | null;
  stopped: boolean;
  /** `told`: when word of it was left at the clinic; without it nobody was told. */
  crisis: { since: Millis; told?: Millis } | null;
  reachable: boolean;
  /** Open questions, the current one last. */
  frames: Frame[];
  /** At most one ahead; those behind stay until the person has told what became of them. */
  plans: Plan[];
  /** plan id + '/' + kind of everything already reminded, asked or skipped, so that it is never done twice. */
  reminded: string[];
  /** A thought to come back to, at a moment the person chose. */
  later: Millis | null;
  /** The day after a crisis one neutral line asks how it is. */
  aftermath: Millis | null;
  /** The next due moment per matter, as it stands in the store. */
  timers: Record<string, Millis>;
};

/** What became of a plan, as the person told it. */
export type Attendance = { v: 1; plan: string; fellowship: string; date: string; went: boolean; at: Millis };

/** Two taps and, if wanted, a line of the person's own. */
export type DiaryEntry = {
  v: 1;
  plan: string;
  date: string;
  feeling: string;
  again: string;
  line: string | null;
};

/** Something the clinic should see; made only where the person agreed to it. */
export type Notice = { v: 1; about: string; alias: string | null; what: 'call-wanted'; at: Millis };

export type RecordKind =
  | 'person'
  | 'clinic'
  | 'invitation'
  | 'attendance'
  | 'diary'
  | 'notice'
  /** All lists of meetings from outside, and the meetings of one. */
  | 'lists'
  | 'list'
  /** What a clinic knows of meetings beside the lists. */
  | 'knowledge';
export type RecordKey = { owner: string; kind: RecordKind; id: string };

export const personKey = (id: string): RecordKey => ({ owner: id, kind: 'person', id });
export const clinicKey = (id: string): RecordKey => ({ owner: id, kind: 'clinic', id });
export const knowledgeKey = (clinic: string): RecordKey => ({ owner: clinic, kind: 'knowledge', id: clinic });
export const invitationKey = (clinic: string, id: string): RecordKey => ({
  owner: clinic,
  kind: 'invitation',
  id,
});

/** Has this person said yes to this? */
export const agreed = (person: Person, consent: Consent): boolean => person.consents[consent]?.given === true;

/** Enrolled: came by an invitation and said yes to using the chat. */
export const enrolled = (person: Person): boolean => person.invitation !== null && agreed(person, 'channel');

/** A newcomer as the first message finds them; everything cautious until they say otherwise. */
export function newcomer(
  id: string,
  clinic: string,
  invitation: string | null,
  chat: Chat,
  zone: string,
  language: string,
  at: Millis,
): Person {
  return {
    v: 1,
    id,
    clinic,
    invitation,
    chat,
    language,
    since: at,
    heard: at,
    discharge: null,
    warned: null,
    consents: {},
    zone,
    place: null,
    fellowships: null,
    situation: { lar: null, medication: null, opioids: null, before: null, young: null },
    wishes: [],
    rulers: { importance: [], confidence: [] },
    quiet: { from: '22:00', to: '09:00' },
    discreet: true,
    paused: null,
    stopped: false,
    crisis: null,
    reachable: true,
    frames: [],
    plans: [],
    reminded: [],
    later: null,
    aftermath: null,
    timers: {},
  };
}
