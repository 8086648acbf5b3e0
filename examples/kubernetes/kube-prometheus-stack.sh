#!/bin/sh
# Prints values for the chart kube-prometheus-stack: alertmanager/alertmanager.yml and its templates, for Falco's alerts
# alone. The chart's own alerts go where they went before, to nobody: put your receivers there.
#
#   kubectl --namespace monitoring create secret generic falco-alerting \
#     --from-file=slack_api_url --from-file=pagerduty_routing_key
#   sh kube-prometheus-stack.sh > values.yaml
#   helm upgrade --install monitoring prometheus-community/kube-prometheus-stack \
#     --namespace monitoring --values values.yaml
set -eu
cd "$(dirname "$0")/../../alertmanager"

# One block of the configuration, without its key.
block() {
  sed -n "/^$1:/,/^[a-z]/p" alertmanager.yml | sed '1d; /^[a-z#]/d' |
    sed 's|/etc/alertmanager/secrets/|&falco-alerting/|'
}

cat <<'VALUES'
alertmanager:
  alertmanagerSpec:
    # Mounted under /etc/alertmanager/secrets.
    secrets: [falco-alerting]
  config:
    global:
VALUES
block global | sed 's/^/    /'
cat <<'VALUES'
    templates: [/etc/alertmanager/config/*.tmpl]
    route:
      receiver: "null"
      group_by: [namespace]
      routes:
        - matchers: [alertname=~"Watchdog|InfoInhibitor"]
          receiver: "null"
        - matchers: [category=~"events|pipeline", alertname=~"Falco.+"]
VALUES
block route | sed 's/^\(.\)/        \1/'
echo '    inhibit_rules:'
cat <<'VALUES'
      # The chart's own.
      - source_matchers: [severity="critical"]
        target_matchers: [severity=~"warning|info"]
        equal: [namespace, alertname]
      - source_matchers: [severity="warning"]
        target_matchers: [severity="info"]
        equal: [namespace, alertname]
      - source_matchers: [alertname="InfoInhibitor"]
        target_matchers: [severity="info"]
        equal: [namespace]
      - target_matchers: [alertname="InfoInhibitor"]
VALUES
block inhibit_rules | sed 's/^\(.\)/    \1/'
cat <<'VALUES'
    receivers:
      - name: "null"
VALUES
block receivers | sed 's/^\(.\)/    \1/'
cat <<'VALUES'
  templateFiles:
    falco.tmpl: |-
VALUES
sed 's/^\(.\)/      \1/' templates/falco.tmpl
