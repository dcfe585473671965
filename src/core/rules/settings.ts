/**
 * What a person may decide about the chat: where they live, which groups, quiet hours, discreet messages, a pause,
 * a full stop, the consents, and what is kept. Everything given can be taken back here, in one tap.
 */
import { findPlace, nearestPostcode, type Place } from '../places.ts';
import { type Consent, consents, enrolled } from '../records.ts';
import { type Millis, sayDay, sayTime } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

const nights = ['22:00-09:00', '21:00-10:00', '23:00-07:00', 'none'];
const pauses = ['1', '3', '7', '30'];
const groups: Record<string, string[]> = { aa: ['AA'], na: ['NA'], both: ['AA', 'NA'], unsure: [] };
const day = 24 * 3_600_000;

const done = (act: (turn: Turn, picked: string) => void) => ({
  outcomes: ['done'],
  act: (turn: Turn, frame: { vars: Record<string, string> }) => {
    act(turn, frame.vars.picked ?? '');
    return 'done';
  },
});

function settle(turn: Turn, place: Place): void {
  const { label, postcode, lat, lon } = place;
  turn.person.place = { label, postcode, lat, lon };
}

function answer(consent: Consent, given: boolean) {
  return done((turn) => {
    turn.person.consents[consent] = { given, at: turn.now };
    turn.fact(given ? 'consent-given' : 'consent-refused', { consent });
  });
}

/** The step of every dialogue where a place is asked for reads it by this name. */
const placeReader = 'place';

/**
 * Whoever shows where they are has named the nearest postcode; the point itself is kept nowhere. Where a place was asked for, that
 * is the answer; else it is where meetings are looked for from now on. Whoever is in danger may hope that somebody comes: then it
 * is said at once that nobody sees it.
 */
export const locate: Rule = (turn, event) => {
  if (event.kind !== 'located') return false;
  const { current, person, reference } = turn;
  const step = current && reference.dialogues.get(current.dialogue)?.steps[current.step];
  const asked = step?.reads === placeReader && !current?.veiled;
  const place = nearestPostcode(reference.gazetteer, event);
  if (asked && place?.postcode) return turn.hear(place.postcode);
  const endangered = person.crisis !== null || current?.purpose === 'safety';
  if (place && !asked && enrolled(person) && !endangered) {
    settle(turn, place);
    turn.open('meeting/search', 'answer');
    return true;
  }
  const [purpose, phrase] = asked ? (['answer', 'unknown'] as const) : (['safety', 'unseen'] as const);
  turn.say({ purpose, text: turn.phrase(`location-${phrase}`), buttons: [] });
  if (!turn.askAgain()) turn.open(enrolled(person) ? 'menu/' : 'start/', 'answer');
  return true;
};

const undecided = (consent: Consent) => (turn: Turn) => turn.person.consents[consent] === undefined;
const given = (consent: Consent) => (turn: Turn) => turn.person.consents[consent]?.given === true;

export const vocabulary: Part = {
  entries: ['meeting/search'],
  conditions: {
    'no-reminders': (turn) => !given('reminders')(turn),
    'reminders-undecided': undecided('reminders'),
    'attendance-undecided': undecided('attendance'),
    'diary-undecided': undecided('diary'),
    'calls-undecided': undecided('calls'),
    silenced: (turn) => turn.person.stopped || (turn.person.paused !== null && turn.person.paused > turn.now),
    stopped: (turn) => turn.person.stopped,
    discreet: (turn) => turn.person.discreet,
    'has-quiet': (turn) => turn.person.quiet.from !== turn.person.quiet.to,
    'no-quiet': (turn) => turn.person.quiet.from === turn.person.quiet.to,
  },
  actions: {
    'remind-yes': answer('reminders', true),
    'remind-no': answer('reminders', false),
    'attendance-yes': answer('attendance', true),
    'attendance-no': answer('attendance', false),
    'diary-yes': answer('diary', true),
    'diary-no': answer('diary', false),
    'calls-yes': answer('calls', true),
    'calls-no': answer('calls', false),
    'toggle-consent': done((turn, picked) => {
      const consent = picked as Consent;
      const now = !given(consent)(turn);
      turn.person.consents[consent] = { given: now, at: turn.now };
      turn.fact(now ? 'consent-given' : 'consent-withdrawn', { consent });
    }),
    'choose-groups': done((turn, picked) => {
      turn.person.fellowships = groups[picked] ?? [];
    }),
    'choose-nights': done((turn, picked) => {
      const [from = '00:00', to = '00:00'] = picked === 'none' ? [] : picked.split('-');
      turn.person.quiet = { from, to };
    }),
    'choose-place': done((turn, picked) => {
      settle(turn, JSON.parse(picked) as Place);
    }),
    'discreet-on': done((turn) => {
      turn.person.discreet = true;
    }),
    'discreet-off': done((turn) => {
      turn.person.discreet = false;
    }),
    pause: done((turn, picked) => {
      turn.person.paused = turn.now + Number(picked) * day;
      turn.fact('paused', { days: picked });
    }),
    stop: done((turn) => {
      turn.person.stopped = true;
      turn.person.later = null;
      turn.fact('stopped');
    }),
    resume: done((turn) => {
      turn.person.stopped = false;
      turn.person.paused = null;
      turn.fact('resumed');
    }),
    'send-my-data': done((turn) => {
      turn.say({
        purpose: 'answer',
        text: turn.phrase('my-data-file'),
        buttons: [],
        file: { name: turn.phrase('my-data-name'), make: 'my-data' },
      });
      turn.fact('data-exported');
    }),
  },
  readers: {
    [placeReader]: {
      outcomes: ['found', 'several', 'unknown'],
      read: (turn, text, frame) => {
        const result = findPlace(turn.reference.gazetteer, text.slice(0, 100));
        if (result.kind === 'found') {
          settle(turn, result.place);
          return 'found';
        }
        const places = result.kind === 'several' ? result.places : result.suggestions;
        frame.vars.places = JSON.stringify(places);
        return places.length > 0 ? 'several' : 'unknown';
      },
    },
  },
  options: {
    places: (_turn, frame) =>
      (JSON.parse(frame.vars.places ?? '[]') as Place[]).map((place) => ({
        label: place.label,
        value: JSON.stringify(place),
      })),
    groups: (turn) => Object.keys(groups).map((id) => ({ label: turn.phrase(`groups-${id}`), value: id })),
    nights: (turn) => nights.map((id, i) => ({ label: turn.phrase(`nights-${i}`), value: id })),
    pauses: (turn) => pauses.map((id) => ({ label: turn.phrase(`pause-${id}`), value: id })),
    consents: (turn) =>
      consents
        .filter((consent) => consent !== 'channel')
        .filter((consent) => consent !== 'calls' || turn.world.clinic.reads !== null)
        .map((consent) => ({
          label: turn.phrase(`consent-${consent}`, () => (given(consent)(turn) ? 'yes' : 'no')),
          value: consent,
        })),
  },
  values: {
    place: (turn) => turn.person.place?.label ?? turn.phrase('not-given'),
    quietFrom: (turn) => turn.person.quiet.from,
    quietTo: (turn) => turn.person.quiet.to,
    pausedUntil: (turn) => {
      const { person, now } = turn;
      const until = person.paused ?? now;
      return `${sayDay(until, now, person.zone, person.language)} ${sayTime(until, person.zone, person.language)}`;
    },
    dataSummary: (turn) => summary(turn),
  },
  links: {},
};

/** What is kept about the person, a line each, in their own language. */
function summary(turn: Turn): string {
  const { person } = turn;
  const on = (at: Millis) => sayDay(at, turn.now, person.zone, person.language);
  const yesNo = (yes: boolean) => turn.phrase(yes ? 'yes' : 'no');
  const { from, to } = person.quiet;
  const lines: [string, string][] = [
    ['language', turn.phrase('language-name')],
    ['place', person.place?.label ?? turn.phrase('not-given')],
    [
      'groups',
      person.fellowships === null
        ? turn.phrase('not-given')
        : person.fellowships.join(', ') || turn.phrase('groups-unsure'),
    ],
    ['quiet', from === to ? turn.phrase('no-quiet') : `${from} – ${to}`],
    ['discreet', yesNo(person.discreet)],
    [
      'plan',
      person.plans.map(({ name, starts }) => `${name}, ${on(starts)}`).join('; ') || turn.phrase('none'),
    ],
    ...consents.map((c): [string, string] => [`consent-${c}-kept`, yesNo(given(c)(turn))]),
  ];
  const shown = enrolled(person) ? lines : lines.slice(0, 1);
  return shown.map(([key, value]) => `${turn.phrase(`kept-${key}`)}: ${value}`).join('\n');
}
