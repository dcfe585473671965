/**
 * How somebody comes in: by an invitation or without one, the language, and the one consent that everything else
 * rests on. Until that yes nothing lasting is kept: whoever says no, or says nothing for a day, is forgotten and the
 * invitation is free again.
 */
import { agreed, enrolled, invitationKey, type Person } from '../records.ts';
import type { Millis } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

const visitLasts: Millis = 24 * 3_600_000;

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

/** A visitor, or somebody who never answered the consent, is forgotten a day after the last word. */
export const expiry = (person: Person): Millis | null =>
  enrolled(person) ? null : person.heard + visitLasts;

export const expire: Rule = (turn, event) => {
  if (event.kind !== 'due' || event.matter !== 'expiry') return false;
  turn.clear();
  forget(turn);
  return true;
};

/** Everything about the person goes; an invitation that led to no consent can be used again. */
function forget(turn: Turn): void {
  const { invitation } = turn.world;
  if (invitation && !enrolled(turn.person)) {
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
