/** The documents' commands that can't be run where tests run, each kind with the reason. All others are run. */
export const NOT_RUN: [command: RegExp, reason: string][] = [
  [
    /^npm ci && npm (start|test)$/,
    'installs from the network; npm start and npm ci have steps of their own in CI',
  ],
  [
    /docker compose (-f \S+ |--profile \S+ )?(up|ps)\b/,
    'starts or lists containers: no engine. The file itself is checked',
  ],
  [/^docker (ps|inspect|top|diff|export|stats|events) /, 'asks the engine about containers'],
  [/^docker (pause|unpause|start|restart|stop|rm|cp|network (dis)?connect) /, 'changes containers'],
  [
    /falco-responder|falco-socket-proxy|127\.0\.0\.1:9377|^cd evidence/,
    'needs a responder with an engine: test/respond and test/e2e/respond run one',
  ],
  [/^docker run -d /, 'starts a container'],
  [/^docker logs --timestamps "\$NAME"/, 'the shop has no log here'],
  [/ grafana cli /, 'there is no Grafana'],
  [/^git (pull|checkout|log|status)\b/, "asks and changes the reader's own checkout"],
  [/^helm /, 'needs the chart, and a cluster'],
];
