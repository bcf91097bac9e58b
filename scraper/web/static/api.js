// Asking the server. The browser keeps answers and asks with their ETag, so what has not moved costs a 304.

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status; // 0: the server did not answer
  }
}

export async function get(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== null && one !== undefined && one !== "") query.append(name, one);
  }
  const text = query.toString();
  let answer;
  try {
    answer = await fetch(text ? `${path}?${text}` : path, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The server does not answer. Is `scraper serve` still running?");
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, found.detail ?? answer.statusText);
  return found;
}

export const run = (id, rest = "", parameters = {}, signal = undefined) => get(`/runs/${encodeURIComponent(id)}${rest}`, parameters, signal);

// Calls `moved` with the state of each run after every change, and `lost` when the connection breaks, with whether the browser
// gave it up; returns how to stop.
export function live(ids, moved, lost) {
  const query = new URLSearchParams(ids.slice(0, 50).map((id) => ["run", id]));
  const source = new EventSource(`/live?${query}`);
  source.addEventListener("moved", (event) => moved(JSON.parse(event.data).runs));
  source.addEventListener("error", () => lost(source.readyState === EventSource.CLOSED));
  return () => source.close();
}
