// @ts-check
// Gets what the person sent to the server, in order, over a bad net. It asks again with the same id until there is a
// definite answer, so that nothing is lost or doubled; it must never keep anything on the device.

const longestPause = 15_000;

/** A random UUID; also for browsers without crypto.randomUUID. */
export function newId() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-8$4-');
}

/**
 * Resolves after the time, or at once when the net comes back or the page is looked at again.
 * @param {number} ms
 */
function pause(ms) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      over.abort();
      resolve(undefined);
    };
    setTimeout(done, ms);
    addEventListener('online', done, { signal: over.signal });
    document.addEventListener('visibilitychange', done, { signal: over.signal });
  });
}

/**
 * Asks until there is a definite answer: anything but no net, too much (429) or trouble on the server's side (5xx).
 * A page in place of our JSON is a foreign one, such as the login of a hotel's net: later.
 * @param {string} path
 * @param {RequestInit} request
 * @param {() => void} waiting  told each time it has to wait
 * @param {number} [patience]  ms for one try
 * @returns {Promise<{ ok: boolean, status: number, body: any }>}
 */
export async function ask(path, request, waiting, patience = 20_000) {
  for (let failures = 0; ; failures++) {
    let wanted = 0;
    const tooLong = new AbortController();
    const timer = setTimeout(() => tooLong.abort(), patience);
    try {
      const answer = await fetch(path, { ...request, signal: tooLong.signal });
      const { ok, status } = answer;
      if (status < 500 && status !== 429)
        return { ok, status, body: status === 200 && (await answer.json()) };
      wanted = Number(answer.headers.get('retry-after')) * 1000;
    } catch {
      // No net, or no whole answer in time: later.
    } finally {
      clearTimeout(timer);
    }
    waiting();
    await pause(Math.max(wanted || 0, Math.min(longestPause, 1000 * 2 ** failures)));
  }
}

/**
 * @param {string} path
 * @param {object} body
 * @param {() => void} waiting
 */
export function post(path, body, waiting) {
  const headers = { 'content-type': 'application/json' };
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, waiting);
}

/**
 * Sends one thing at a time.
 * @param {() => void} ended  told when the server does not know this browser any more
 */
export function createOutbox(ended) {
  let last = Promise.resolve();
  let unsent = 0;
  return {
    unsent: () => unsent,
    /**
     * @param {string} path
     * @param {object} body  gets an id of its own
     * @param {(state: import('./conversation.js').SendState) => void} shown
     */
    send(path, body, shown) {
      const whole = { id: newId(), ...body };
      unsent++;
      shown('sending');
      last = last.then(async () => {
        const answer = await post(path, whole, () => shown('waiting'));
        unsent--;
        shown(answer.ok ? 'sent' : 'refused');
        if (answer.status === 401) ended();
      });
    },
  };
}
