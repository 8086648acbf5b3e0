/** Makes the kernel, src/event/scan/kernel.wasm, as asconfig.json says. */
import { main } from 'assemblyscript/asc';

const { error, stderr } = await main(['--config', 'asconfig.json']);
// Of a last round of optimising that gained nothing: the one before it is what is taken.
const said = stderr.toString().replace('Last converge was suboptimal.\n', '');
process.stderr.write(said);
if (error) {
  if (said === '') process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
