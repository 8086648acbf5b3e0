/** The policy and the token that hold now, and how others take their place. */
import { isDeepStrictEqual } from 'node:util';
import { ExporterError } from '../errors.ts';
import type { Logger } from '../log/log.ts';
import type { Policy, PolicyRef } from './policy/schema.ts';
import { Token } from './web/token.ts';

export class Reloads implements PolicyRef {
  readonly #log: Logger;
  #policy: Policy;
  #token: Token | undefined;
  #successful = true;

  constructor(policy: Policy, token: string | undefined, log: Logger) {
    this.#log = log;
    this.#policy = policy;
    this.#token = asToken(token);
  }

  get current(): Policy {
    return this.#policy;
  }

  /** Undefined: nobody may see or approve anything. */
  get token(): Token | undefined {
    return this.#token;
  }

  /** Whether the last load succeeded. */
  get successful(): boolean {
    return this.#successful;
  }

  /** Takes what `load` gives, or keeps what it has and logs what is wrong. */
  reload(load: () => { policy: Policy; token: string | undefined }): void {
    try {
      const { policy, token } = load();
      refuseRestart(this.#policy, policy);
      this.#policy = policy;
      this.#token = asToken(token);
      this.#successful = true;
      const { dry_run, responses } = policy;
      this.#log.info({ dry_run, responses: responses.length }, 'the policy was read again');
    } catch (error) {
      this.#successful = false;
      const faults = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
      for (const fault of faults)
        this.#log.error(
          { code: fault instanceof ExporterError ? fault.code : 'unknown' },
          `the policy from before stays: ${fault instanceof ExporterError ? fault.describe() : String(fault)}`,
        );
    }
  }
}

/** What is set up at the start. */
function refuseRestart(old: Policy, next: Policy): void {
  const changed = [
    ...(isDeepStrictEqual(old.web.listen_address, next.web.listen_address) ? [] : ['web.listen_address']),
    ...(old.evidence.dir === next.evidence.dir ? [] : ['evidence.dir']),
  ];
  if (changed.length > 0)
    throw new ExporterError('CONFIG_NEEDS_RESTART', `${changed.join(', ')}: changing this needs a restart`, {
      advice: 'Restart the responder: it goes on where it stood.',
    });
}

function asToken(token: string | undefined): Token | undefined {
  return token === undefined ? undefined : new Token(token);
}
