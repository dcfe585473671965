// @ts-check
// The chat page: starting, writing, listening, hiding, and the demo's clock. It keeps the conversation in memory only,
// since phones are shared; it must never use an invitation before the person taps, nor drop what was typed.

import { createConversation } from './conversation.js';
import { ask, createOutbox, newId, post } from './outbox.js';
import { createReader } from './reader.js';

/** @typedef {import('../words.ts').PageWords} PageWords */
/** @typedef {{ messages: import('../chat.ts').WebMessage[], now?: string }} News */

const longestText = 2000;
const counterFrom = 1800;
const waitSeconds = 25;

/** @param {string} id */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const text = /** @type {HTMLTextAreaElement} */ (find('text'));
const more = /** @type {HTMLDetailsElement} */ (find('more'));

/** @type {{ words: Record<string, PageWords>, zone: string }} */
const { words: allWords, zone } = JSON.parse(find('settings').textContent ?? '');
let language = document.documentElement.lang;
const words = () => /** @type {PageWords} */ (allWords[language]);

/**
 * Puts a word in its place, and notes which, for when the language changes.
 * @param {Element} element
 * @param {keyof PageWords | ''} key
 */
function put(element, key) {
  element.setAttribute('data-word', key);
  element.textContent = key && words()[key];
}

/** @param {string | undefined} tag  the language the conversation turns out to be in */
function speak(tag = '') {
  const wanted = tag.slice(0, 2);
  if (wanted === language || !allWords[wanted]) return;
  language = wanted;
  document.documentElement.lang = language;
  document.querySelectorAll('[data-word]').forEach((element) => {
    put(element, /** @type {keyof PageWords} */ (element.getAttribute('data-word')));
  });
  document.querySelectorAll('[data-word-label]').forEach((element) => {
    const label = words()[/** @type {keyof PageWords} */ (element.getAttribute('data-word-label'))];
    element.setAttribute('aria-label', label);
    if (element.hasAttribute('placeholder')) element.setAttribute('placeholder', label);
  });
}

/** @param {keyof PageWords | ''} key */
const status = (key) => put(find('status'), key);
const offline = () => status('offline');

// ---- The conversation ----

const reader = createReader(() => conversation.voicesChanged());
const outbox = createOutbox(() => invite('startEnded'));
const conversation = createConversation({
  log: find('log'),
  news: find('news'),
  zone,
  words,
  language: () => language,
  reader,
  tapped(data, label, undo) {
    const shown = conversation.own(label);
    outbox.send('/chat/tap', { data }, (state) => {
      shown(state);
      if (state === 'refused') undo();
    });
  },
});

/** @param {string} said */
function say(said) {
  const shown = conversation.own(said);
  outbox.send('/chat/say', { text: said }, (state) => {
    shown(state);
    if (state === 'refused' && !text.value) write(said);
  });
}

/**
 * What has come since the last message shown; null when the server does not know this browser.
 * @param {number} wait  seconds the server may hold the answer back
 * @returns {Promise<News | null>}
 */
async function news(wait) {
  const path = `/chat/messages?after=${conversation.lastSeq()}&wait=${wait}`;
  const answer = await ask(path, {}, offline, (wait + 15) * 1000);
  status('');
  return answer.ok ? answer.body : null;
}

/** @param {News} fresh */
function take({ messages, now }) {
  speak(messages[messages.length - 1]?.language);
  conversation.add(messages);
  if (now) demoTime(now);
}

// Each listening has a number, so that an older one ends when the person starts anew.
let listening = 0;

async function listen() {
  const mine = ++listening;
  while (true) {
    if (document.hidden) {
      await new Promise((seen) => document.addEventListener('visibilitychange', seen, { once: true }));
    }
    const fresh = await news(waitSeconds);
    if (mine !== listening) return;
    if (!fresh) return invite(conversation.lastSeq() ? 'startEnded' : 'cookiesOff');
    take(fresh);
  }
}

// ---- Starting ----

// The invitation leaves the address at once, where it could be read over a shoulder. A cheap phone throws background
// pages away and loads them again, so until it is used it lives as long as the tab does.
const token = new URLSearchParams(location.hash.slice(1)).get('i');
if (location.hash) history.replaceState(null, '', location.pathname);
if (token) sessionStorage.setItem('i', token);
const invitation = () => sessionStorage.getItem('i');

/** @param {boolean} started */
function inside(started) {
  find('start').hidden = started;
  for (const id of ['log', 'composer', 'menu', 'more']) find(id).hidden = !started;
}

/** Takes the conversation off the page and out of memory. */
function leave() {
  listening++;
  conversation.clear();
  inside(false);
  find('start-ways').hidden = true;
}

/** @param {'startFree' | 'startInvited' | 'startKnown' | 'startEnded' | 'cookiesOff'} why */
function invite(why) {
  leave();
  const known = why === 'startKnown';
  put(find('start-why'), why);
  put(find('start-on'), known ? 'startMine' : 'start');
  find('start-new').hidden = !known;
  find('start-ways').hidden = false;
}

function enter() {
  inside(true);
  void listen();
  // Only now: what was there already is not read out as if it had just come.
  requestAnimationFrame(() => find('log').setAttribute('aria-live', 'polite'));
}

let starting = false;

/** @param {string | null} token */
async function start(token) {
  if (starting) return;
  starting = true;
  status('loading');
  // The cookie first: a start that is asked for twice must come from the same browser both times.
  await post('/chat/session', {}, offline);
  const answer = await post('/chat/start', { id: newId(), invitation: token }, offline);
  starting = false;
  status(answer.ok ? '' : 'failed');
  if (!answer.ok) return;
  if (token) sessionStorage.removeItem('i');
  enter();
  find('log').focus();
}

async function arrive() {
  const fresh = await news(0);
  if (!fresh?.messages.length) return invite(invitation() ? 'startInvited' : 'startFree');
  if (invitation()) return invite('startKnown');
  inside(true);
  take(fresh);
  conversation.toEnd();
  enter();
}

const forget = () => post('/chat/forget', {}, offline);

find('start-on').onclick = () => start(invitation());
find('start-new').onclick = async () => {
  await forget();
  await start(invitation());
};

// ---- Writing ----

/** @param {string} value */
function write(value) {
  text.value = value;
  measure();
}

function measure() {
  const length = text.value.trim().length;
  const left = longestText - length;
  const line = left < 0 ? words().charactersOver : words().charactersLeft;
  find('count').textContent = length > counterFrom ? line.replace('{n}', String(Math.abs(left))) : '';
  text.setAttribute('aria-invalid', String(left < 0));
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
}

function sendText() {
  const said = text.value.trim();
  if (!said || said.length > longestText) return;
  write('');
  say(said);
}

text.oninput = measure;
text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendText();
});
find('composer').onsubmit = (event) => {
  event.preventDefault();
  sendText();
};

// ---- Always there ----

find('help').onclick = async () => {
  // Whoever needs help now does not have to find the start first.
  if (!find('start').hidden) await start(null);
  if (find('start').hidden) say(words().helpText);
};
find('menu').onclick = () => say(words().menuText);

/** @param {Event} event */
const warn = (event) => {
  if (outbox.unsent()) event.preventDefault();
};
addEventListener('beforeunload', warn);

find('forget').onclick = async () => {
  more.open = false;
  if (!confirm(words().forgetSure)) return;
  leave();
  put(find('start-why'), 'loading');
  await forget();
  removeEventListener('beforeunload', warn);
  location.replace('/chat');
};

document.onclick = ({ target }) => {
  if (!more.contains(/** @type {Node} */ (target))) more.open = false;
};
more.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  more.open = false;
  more.querySelector('summary')?.focus();
});

/**
 * Changes between the chat and an empty page of notes, without asking the net, which may be slow just then.
 * @param {boolean} hidden
 */
function hide(hidden) {
  reader.silence();
  more.open = false;
  find('app').hidden = hidden;
  find('away').hidden = !hidden;
  document.title = hidden ? words().awayTitle : words().chat;
  history.replaceState(null, '', hidden ? '/chat/away' : '/chat');
}
find('hide').onclick = () => hide(true);
find('back').onclick = (event) => {
  event.preventDefault();
  hide(false);
};

// ---- The demo's clock ----

/** @param {string} now  an ISO 8601 instant */
function demoTime(now) {
  const shown = new Intl.DateTimeFormat(language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  });
  find('demo-now').textContent = words().demoNow.replace('{now}', shown.format(new Date(now)));
}

/** @param {object} step */
async function advance(step) {
  const answer = await post('/demo/advance', step, offline);
  status(answer.ok ? '' : 'failed');
  if (answer.ok) demoTime(answer.body.now);
}
if (document.getElementById('demo')) {
  find('demo-next').onclick = () => advance({ to: 'next' });
  find('demo-later').onclick = () => advance({ by: 'PT2H' });
}

void arrive();
