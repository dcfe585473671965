/**
 * How somebody comes in and when they are forgotten: by an invitation or without one, the language, and the one consent that everything else
 * rests on. Until that yes nothing lasting is kept: whoever says no, or says nothing for a day, is forgotten and the
 * invitation is free again.
 */
import { agreed, type Clinic, enrolled, invitationKey, type Person } from '../records.ts';
import { addDays, atLocal, type Millis } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

const day: Millis = 24 * 3_600_000;
const visitLasts = day;

/** Somebody opened the chat, perhaps with a link. */
export const arrive: Rule = (turn, event) => {
  if (event.kind !== 'opened') return false;
  const { person } = turn;
  if (enrolled(person)) {
    turn.clear();
    const again = { none: 'welcome-back', mine: 'link-mine', open: 'link-spare' } as Record<string, string>;
    turn.open(`start/${again[event.link] ?? `link-${event.link}`}`, 'answer');
    return true;
  }
  turn.clear();
  if (event.link === 'open' && turn.world.invitation) {
    const { invitation } = turn.world;
    turn.put.push({
      key: invitationKey(invitation.clinic, invitation.id),
      value: { ...invitation, taken: person.id },
    });
    turn.fact('invitation-opened', { invitation: invitation.id });
  }
  const refused = event.link === 'taken' || event.link === 'expired' || event.link === 'unknown';
  turn.open(refused ? `start/link-${event.link}` : 'start/', 'answer');
  return true;
};

/** Whoever writes without having opened the chat is met like any newcomer. */
export const welcome: Rule = (turn) => {
  if (turn.world.person) return false;
  turn.open('start/', 'answer');
  return true;
};

/**
 * A visitor, or somebody who never answered the consent, is forgotten a day after the last word; anybody else a year after
 * it, or two years after discharge where they agreed to be written to, whichever is later. A clinic may keep less.
 */
export const expiry = (person: Person, { keepsDays }: Pick<Clinic, 'keepsDays'>): Millis => {
  if (!enrolled(person)) return person.heard + visitLasts;
  const { heard, discharge, zone } = person;
  const most = heard + (keepsDays ?? 365) * day;
  if (keepsDays != null || !discharge || !agreed(person, 'reminders')) return most;
  return Math.max(most, atLocal(addDays(discharge, 730), '12:00', zone));
};

export const expire: Rule = (turn, event) => {
  if (event.kind !== 'due' || event.matter !== 'expiry') return false;
  turn.clear();
  forget(turn);
  return true;
};

/** Everything about the person goes; an invitation that led to no consent can be used again. */
function forget(turn: Turn): void {
  const { invitation } = turn.world;
  if (invitation?.taken === turn.person.id && !enrolled(turn.person)) {
    turn.put.push({
      key: invitationKey(invitation.clinic, invitation.id),
      value: { ...invitation, taken: null },
    });
  }
  turn.erase = true;
  turn.fact('person-erased');
}

export const vocabulary: Part = {
  entries: [
    'start/',
    'start/welcome-back',
    'start/link-mine',
    'start/link-spare',
    'start/link-taken',
    'start/link-expired',
    'start/link-unknown',
  ],
  conditions: {
    enrolled: (turn) => enrolled(turn.person),
    visitor: (turn) => turn.person.invitation === null,
    'consent-open': (turn) => turn.person.invitation !== null && !agreed(turn.person, 'channel'),
    'young-allowed': (turn) => turn.world.invitation?.young === true,
    'on-telegram': (turn) => turn.person.chat.channel === 'telegram',
    'on-web': (turn) => turn.person.chat.channel === 'web',
    'set-up': (turn) => turn.person.place !== null,
  },
  actions: {
    'speak-nb': speak('nb'),
    'speak-nn': speak('nn'),
    'speak-en': speak('en'),
    agree: {
      outcomes: ['done'],
      act: (turn) => {
        turn.person.consents.channel = { given: true, at: turn.now };
        turn.person.discharge = turn.world.invitation?.discharge ?? null;
        turn.fact('consent-given', { consent: 'channel' });
        return 'done';
      },
    },
    forget: {
      outcomes: ['done'],
      act: (turn) => {
        forget(turn);
        return 'done';
      },
    },
  },
  readers: {},
  options: {},
  values: { clinic: (turn) => turn.world.clinic.name },
  links: {},
};

function speak(language: string) {
  return {
    outcomes: ['done'],
    act: (turn: Turn) => {
      turn.person.language = language;
      return 'done';
    },
  };
}
