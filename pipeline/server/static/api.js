// Talking to the server: JSON there and back, trying again while it is busy.

const TRIES = 20;

/** Post `body`; throws an Error whose message is for the reader. */
export async function post(path, body, signal) {
  for (let tries = 1; ; tries += 1) {
    const response = await send(path, body, signal);
    if (response.status === 503 && tries < TRIES) {
      await pause(1000 * (Number(response.headers.get("retry-after")) || 1));
      signal?.throwIfAborted();
      continue;
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new Error(answer.error ?? `The server answered ${response.status}.`);
  }
}

/** What the server says of itself. */
export async function health() {
  return (await fetch("health")).json();
}

async function send(path, body, signal) {
  const headers = { "content-type": "application/json" };
  try {
    return await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is it still running?");
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
