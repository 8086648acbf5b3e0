/** Changes of items that don't exist: the name or the order is wrong, or a file was not given. */
import { formatPlace } from '../../errors.ts';
import { stockFile } from '../names/stock.ts';
import { quote } from '../reading/problem.ts';
import type { Definitions } from './definitions.ts';

/**
 * Tells what was changed before it was defined, once all files are read. Falco refuses that. Where the name is one of
 * Falco's own files', and nothing of that file was loaded, the file alone is missing here: Falco will have it.
 */
export function tellMissing(definitions: Definitions): void {
  const { problems, lints, missing } = definitions;
  for (const { kind, name, place, accepted } of missing) {
    const stock = stockFile(kind, name);
    const defined = definitions[`${kind}s`].get(name)?.place;
    // Falco takes some of these as a definition: then it stands at this very place
    const later = defined !== undefined && formatPlace(defined) !== formatPlace(place);
    if (stock && !later && ![...stock.rules].some((rule) => definitions.rules.has(rule)))
      problems.warning(
        'RULES_OVERRIDE_NOTHING',
        place,
        `the ${kind} ${quote(name)} stands in Falco's own ${stock.file}, which was not given`,
        `Give it first, as Falco reads it: --rules.file=${stock.file} --rules.file=${place.file}.`,
      );
    else
      (accepted ? lints : problems).error(
        'RULES_OVERRIDE_NOTHING',
        place,
        `no ${kind} ${quote(name)} stands before this change of it`,
        'Correct the name, or give the file that defines it before this one.',
      );
  }
}
