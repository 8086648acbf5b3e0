/** Falco's own /metrics on 8765, as 0.44.1 prints it, with the counts that the test gives. */
import { once } from 'node:events';
import { createServer } from 'node:http';

/** Answers on a free port of loopback until `close`; `matched` is how often a rule matched. */
export async function nativeFalco(matched: Map<string, number>): Promise<{ address: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(exposition(matched));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { address: `127.0.0.1:${port}`, close: () => server.close() };
}

function exposition(matched: Map<string, number>): string {
  // Falco repeats HELP and TYPE before each sample.
  const counter = (name: string, sample: string) =>
    `# HELP ${name} https://falco.org/docs/metrics/\n# TYPE ${name} counter\n${name}${sample}\n`;
  return [
    '# TYPE falcosecurity_falco_version_info gauge\nfalcosecurity_falco_version_info{version="0.44.1"} 1\n',
    ...[...matched].map(([rule, times]) =>
      counter(
        'falcosecurity_falco_rules_matches_total',
        `{priority="3",rule_name="${rule}",source="syscall",tag_ecommerce="true"} ${times}`,
      ),
    ),
    counter('falcosecurity_scap_n_drops_total', ' 0'),
    counter('falcosecurity_falco_outputs_queue_num_drops_total', ' 0'),
    '# TYPE falcosecurity_falco_cpu_usage_ratio gauge\nfalcosecurity_falco_cpu_usage_ratio 0.013000\n',
  ].join('');
}
