// @ts-check
// Shows the conversation: the program's messages with their buttons, and the person's own taps and words. Everything
// is put in as text, never as markup; focus is never moved, and reading further up is never interrupted.

/** @typedef {import('../chat.ts').WebMessage} WebMessage */
/** @typedef {'sending' | 'waiting' | 'sent' | 'refused'} SendState */
/** @typedef {{ label: string, button: HTMLButtonElement }[]} Question */

const nearBottom = 80;

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name
 */
function make(tag, name, text = '') {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

/**
 * @param {{
 *   log: HTMLElement,
 *   news: HTMLElement,
 *   zone: string,
 *   words: () => import('../words.ts').PageWords,
 *   language: () => string,
 *   reader: ReturnType<import('./reader.js').createReader>,
 *   tapped: (data: string, label: string, undo: () => void) => void,
 * }} parts
 */
export function createConversation({ log, news, zone, words, language, reader, tapped }) {
  let lastSeq = 0;
  let lastDay = '';
  /** @type {Question[]} */
  let questions = [];
  // Own bubbles already on the page, so that the echo in a later message does not show them twice.
  /** @type {string[]} */
  let unechoed = [];

  let atBottom = true;
  const look = () => {
    atBottom = log.scrollHeight - log.scrollTop - log.clientHeight < nearBottom;
    if (atBottom) news.hidden = true;
  };
  log.onscroll = look;
  // The keyboard comes up, or the text field grows: what was being read stays in sight.
  new ResizeObserver(() => {
    if (atBottom) log.scrollTop = log.scrollHeight;
  }).observe(log);

  /**
   * Brings it up, but never further than its own top: a long message is read from its beginning.
   * @param {Element | null | undefined} element
   */
  function show(element) {
    log.scrollTop = /** @type {HTMLElement} */ (element).offsetTop - 8;
    look();
  }

  /** @param {string} text */
  function ownBubble(text) {
    const element = make('div', 'own');
    const bubble = make('p', 'bubble', text);
    bubble.prepend(make('span', 'unseen', `${words().you} `));
    element.append(bubble, make('p', 'state'));
    log.append(element);
    return element;
  }

  /**
   * @param {Question} question
   * @param {HTMLButtonElement} chosen
   */
  function choose(question, chosen) {
    for (const { button } of question) button.disabled = button !== chosen;
    // Not disabled: it has the focus, and would lose it.
    chosen.setAttribute('aria-disabled', 'true');
    chosen.append(make('span', 'unseen', ` (${words().chosen})`));
  }

  /** @param {Question} question */
  function reopen(question) {
    for (const { button } of question) {
      button.disabled = false;
      button.removeAttribute('aria-disabled');
      button.querySelector('.unseen')?.remove();
    }
  }

  /** @param {string} label */
  function echoed(label) {
    const place = unechoed.indexOf(label);
    if (place < 0) ownBubble(label);
    else unechoed.splice(0, place + 1);
    for (let i = questions.length - 1; i >= 0; i--) {
      const question = questions[i] ?? [];
      const choice = question.find((each) => each.label === label);
      if (!choice) continue;
      if (!choice.button.hasAttribute('aria-disabled')) choose(question, choice.button);
      return;
    }
  }

  /**
   * @param {number} at
   * @param {Intl.DateTimeFormatOptions} form
   */
  const time = (at, form) => new Intl.DateTimeFormat(language(), { ...form, timeZone: zone }).format(at);

  /** @param {number} at */
  function dayLine(at) {
    const day = time(at, { weekday: 'long', day: 'numeric', month: 'long' });
    if (day !== lastDay) log.append(make('p', 'day', day));
    lastDay = day;
  }

  /** @param {{ label: string, url: string }} button */
  function link({ label, url }) {
    const element = make('a', 'choice', label);
    element.href = url;
    if (element.protocol.startsWith('http') && element.origin !== location.origin) {
      element.target = '_blank';
      element.rel = 'noopener noreferrer';
    }
    return /^(https?|tel|sms|mailto):$/.test(element.protocol) ? element : '';
  }

  /**
   * @param {Question} question
   * @param {{ label: string, data: string }} choice
   */
  function tap(question, { label, data }) {
    // The numbers of a ruler stand side by side.
    const button = make('button', /^\d{1,2}$/.test(label) ? 'choice number' : 'choice', label);
    question.push({ label, button });
    button.onclick = () => {
      if (button.hasAttribute('aria-disabled')) return;
      choose(question, button);
      tapped(data, label, () => reopen(question));
    };
    return button;
  }

  /**
   * @param {WebMessage} message
   * @param {string} spoken
   */
  function readButton({ text, buttons }, spoken) {
    const button = make('button', 'read');
    /** @param {boolean} reading */
    const mark = (reading) => {
      button.classList.toggle('reading', reading);
      button.setAttribute('aria-label', reading ? words().stopReading : words().read);
    };
    mark(false);
    button.lang = spoken;
    button.hidden = !reader.can(spoken);
    button.onclick = () => {
      if (button.classList.contains('reading')) return reader.silence();
      reader.read([text, ...buttons.map(({ label }) => label)].join('. '), spoken, () => mark(false));
      mark(true);
    };
    return button;
  }

  /** @param {WebMessage} message */
  function botBubble(message) {
    const spoken = message.language ?? language();
    const text = make('p', 'text', message.text);
    text.lang = spoken;
    const bubble = make('div', 'bubble');
    const when = make('time', '', time(message.at, { timeStyle: 'short' }));
    bubble.append(make('span', 'unseen', `${words().bot} `), text, when);
    const line = make('div', 'line');
    line.append(bubble, readButton(message, spoken));

    /** @type {Question} */
    const question = [];
    questions.push(question);
    const choices = make('div', 'choices');
    choices.lang = spoken;
    for (const button of message.buttons)
      choices.append('data' in button ? tap(question, button) : link(button));
    if (message.file) {
      const file = make('a', 'choice', words().file.replace('{name}', message.file));
      file.href = `/chat/files/${message.seq}`;
      file.download = message.file;
      choices.append(file);
    }

    const element = make('div', 'bot');
    element.append(line, choices);
    log.append(element);
    return element;
  }

  news.onclick = () => {
    log.scrollTop = log.scrollHeight;
  };

  return {
    lastSeq: () => lastSeq,

    /** @param {WebMessage[]} messages  ascending; those already shown are left out */
    add(messages) {
      look();
      const following = atBottom;
      const shown = [];
      for (const message of messages) {
        if (message.seq <= lastSeq) continue;
        lastSeq = message.seq;
        dayLine(message.at);
        if (message.echo !== undefined) echoed(message.echo);
        shown.push(botBubble(message));
      }
      const start = shown[0];
      if (!start) return;
      news.hidden = false;
      const before = start.previousElementSibling;
      if (following) show(before?.className === 'own' ? before : start);
    },

    /** Brings up the newest message, as when an old conversation is opened again. */
    toEnd: () => show(log.lastElementChild),

    /**
     * The person's own words or tap, at once.
     * @param {string} text
     * @returns {(state: SendState) => void} tells how the sending goes
     */
    own(text) {
      unechoed.push(text);
      const element = ownBubble(text);
      show(element);
      return (state) => {
        element.dataset.state = state;
        /** @type {Element} */ (element.lastElementChild).textContent = words()[state];
      };
    },

    voicesChanged() {
      log.querySelectorAll('.read').forEach((button) => {
        button.toggleAttribute('hidden', !reader.can(button.getAttribute('lang') ?? ''));
      });
    },

    /** Takes the conversation off the page. */
    clear() {
      log.querySelectorAll('.bot, .own, .day').forEach((element) => {
        element.remove();
      });
      lastSeq = 0;
      lastDay = '';
      questions = [];
      unechoed = [];
      news.hidden = true;
    },
  };
}
