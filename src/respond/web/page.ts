/** The page of what waits for a person, and of what was done. No script: each word is a form. */
import { Html, html } from '../../web/page/html.ts';
import type { Acted, OpenResponse } from '../journal/records.ts';
import type { ResponderState } from '../journal/state.ts';
import type { Policy } from '../policy/schema.ts';

/** A response that waits for a person, as people and programs see it. Texts of events are cut. */
export interface Pending {
  /** Of the question: what a word is said for. */
  id: string;
  action: string;
  /** Of the journal and of the log. */
  response_id: string;
  asked_at: string;
  expires_at: string;
  container: { id: string; name: string; image: string };
  response: string;
  rule: string;
  priority: string;
  service: string;
  event_time: string;
  event: string;
  done: Record<string, string>;
  evidence: { directory: string; complete: boolean } | null;
}

const MOST_EVENT = 4000;

/** What the page and its JSON are made of. */
export interface View {
  state: ResponderState;
  policy: Policy;
  /** What the wall clock shows at a time of the journal. */
  shown(time: number): Date;
}

export function pendingOf(view: View): Pending[] {
  const found: Pending[] = [];
  for (const response of view.state.open.values()) {
    const pending = asPending(response, view);
    if (pending) found.push(pending);
  }
  return found;
}

function asPending(response: OpenResponse, { policy, shown }: View): Pending | undefined {
  const { id, approval, decided, event, outcomes, evidence } = response;
  if (!approval || approval.word || !decided) return undefined;
  const { rule, priority, service, line } = event;
  return {
    ...{ id: approval.ask, action: approval.step, response_id: id },
    asked_at: shown(approval.at).toISOString(),
    expires_at: shown(approval.at + policy.approval_timeout).toISOString(),
    ...{ container: decided.container, response: decided.response, rule, priority, service },
    ...{ event_time: new Date(event.time).toISOString(), event: line.slice(0, MOST_EVENT), done: outcomes },
    evidence: evidence ?? null,
  };
}

/** The page's own; its hash stands in the content security policy. */
export const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ccc}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:.5rem}section{margin:2rem 0}
form{display:inline}button{font:inherit;padding:.3rem 1rem;margin-right:1rem}`;

/** What was done, the newest last. */
export function doneOf({ state, shown }: View): (Omit<Acted, 'at'> & { at: string })[] {
  return state.recent.map((acted) => ({ ...acted, at: shown(acted.at).toISOString() }));
}

export function page(view: View): string {
  const { state, policy } = view;
  const pending = pendingOf(view);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Responder: ${pending.length} waiting</title><style>${new Html(STYLE)}</style></head>
<body><h1>Responder</h1>
<p>${policy.dry_run ? 'Dry run: nothing is done but looking. ' : ''}${pending.length === 0 ? 'Nothing waits for a person.' : `${pending.length} waiting for a person.`}</p>
${pending.map(asSection)}
<h2>Done</h2>
${state.recent.length === 0 ? html`<p>Nothing yet.</p>` : html`<table><thead><tr><th>Time</th><th>Action</th><th>Container</th><th>Rule</th><th>Evidence</th></tr></thead><tbody>${doneOf(view).reverse().map(asRow)}</tbody></table>`}
</body></html>
`.text;
}

function asSection(pending: Pending) {
  const { id, action, container, rule, priority, event, event_time, expires_at, done, evidence } = pending;
  const [name, shortId] = [container.name, container.id.slice(0, 12)];
  return html`<section aria-labelledby="r-${id}"><h2 id="r-${id}">${action} ${name}?</h2>
<table><tbody>
<tr><th scope="row">Container</th><td>${name} (${shortId}), image ${container.image}</td></tr>
<tr><th scope="row">Rule</th><td>${rule} (${priority}), ${event_time}</td></tr>
<tr><th scope="row">Done so far</th><td>${Object.entries(done)
    .map(([step, outcome]) => `${step}: ${outcome}`)
    .join(', ')}</td></tr>
<tr><th scope="row">Evidence</th><td>${evidence ? `${evidence.directory}${evidence.complete ? '' : ' (not complete)'}` : 'none'}</td></tr>
<tr><th scope="row">Until</th><td>${expires_at}</td></tr></tbody></table>
<pre>${event}</pre>
<form method="post" action="/api/approvals/${id}/approve"><button type="submit">Approve: ${action} ${name}</button></form>
<form method="post" action="/api/approvals/${id}/refuse"><button type="submit">Refuse</button></form></section>
`;
}

function asRow({ at, action, container, rule, evidence }: ReturnType<typeof doneOf>[number]) {
  return html`<tr><td>${at}</td><td>${action}</td><td>${container.name}</td><td>${rule}</td><td>${evidence}</td></tr>`;
}
