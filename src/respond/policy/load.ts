/** Reads a policy's file. */
import { readFileSync } from 'node:fs';
import { inOrder, MOST_FAULTS, YamlFile, type YamlKind } from '../../config/yaml-file.ts';
import { ExporterError, systemReason } from '../../errors.ts';
import { inWords } from '../../words.ts';
import { GRAVE } from '../words.ts';
import { type Policy, policySchema } from './schema.ts';

const POLICY: YamlKind = {
  name: 'the policy',
  unreadable: 'POLICY_FILE',
  syntax: 'POLICY_SYNTAX',
  unknownKey: 'POLICY_UNKNOWN_KEY',
  type: 'POLICY_TYPE',
  manual: 'docs/response.md',
  secret: false,
  scalars: 'core',
  mostBytes: 512 * 1024,
  wholeLines: true,
};

/** @throws an AggregateError of ExporterErrors, one for each fault */
export function loadPolicy(file: string): Policy {
  const yaml = new YamlFile(file, POLICY);
  const parsed = policySchema.safeParse(yaml.values, { reportInput: true, error: inWords });
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, MOST_FAULTS).flatMap((issue) => yaml.faults(issue));
    throw new AggregateError(inOrder(faults).slice(0, MOST_FAULTS));
  }
  const policy = parsed.data;
  const waiting = policy.responses.findIndex(
    ({ auto, steps }) => !auto && steps.some((step) => GRAVE.includes(step)),
  );
  if (waiting >= 0 && policy.web.token_file === undefined)
    throw new AggregateError([
      new ExporterError(
        'POLICY_APPROVAL',
        `responses.${waiting}: restart and stop wait for a person, and nobody could approve`,
        {
          place: yaml.place(['responses', waiting, 'steps']),
          advice: 'Name a file that holds a token with web.token_file, or leave these steps out.',
        },
      ),
    ]);
  return policy;
}

/** Shorter ones can be guessed; characters. */
const SHORTEST_TOKEN = 20;

/** How the token in secrets/responder_token.example ends: everybody can read it. */
const PUBLIC_TOKEN = '-of-the-demonstration';

/** @throws POLICY_TOKEN: no file that can be read, a token that is too short, a public one where it would do something */
export function readToken({ dry_run, web: { token_file: file } }: Policy): string | undefined {
  if (file === undefined) return undefined;
  const fault = (what: string, cause?: unknown) =>
    new ExporterError('POLICY_TOKEN', what, {
      place: { file },
      advice: 'Make one with: head -c 24 /dev/urandom | base64',
      cause,
    });
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw fault(`the token can't be read: ${systemReason(error)}`, error);
  }
  if (!/^[\x21-\x7e]+$/.test(token) || token.length < SHORTEST_TOKEN)
    throw fault(`expected a token of at least ${SHORTEST_TOKEN} printable characters, with no blanks`);
  if (!dry_run && token.endsWith(PUBLIC_TOKEN)) throw fault('the token is the public one of the example');
  return token;
}
