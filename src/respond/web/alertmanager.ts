/**
 * A person's word by way of Alertmanager: an alert `FalcoResponderApprove` or `FalcoResponderRefuse` with the label
 * `approval`, which its webhook brings here. It says the same as a POST with the token, which it must have as well.
 */
import * as z from 'zod';

const MOST_ALERTS = 100;
const notification = z.object({
  alerts: z
    .array(z.object({ status: z.string(), labels: z.record(z.string(), z.string()) }))
    .max(MOST_ALERTS),
});
const WORDS = { FalcoResponderApprove: 'approved', FalcoResponderRefuse: 'refused' } as const;

export interface Word {
  /** Which question it answers. */
  ask: string;
  word: 'approved' | 'refused';
  by: string;
}

/** @returns undefined where it is no notification */
export function wordsOf(body: string): Word[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = notification.safeParse(value);
  if (!parsed.success) return undefined;
  return parsed.data.alerts
    .filter(({ status }) => status === 'firing')
    .flatMap(({ labels: { alertname = '', approval, by = 'alertmanager' } }) => {
      const word = Object.hasOwn(WORDS, alertname) ? WORDS[alertname as keyof typeof WORDS] : undefined;
      return word && approval !== undefined ? [{ ask: approval, word, by: by.slice(0, 100) }] : [];
    });
}
