#!/bin/sh
# Prints the dashboards as ConfigMaps with the label that the sidecar of Grafana's chart looks for, which
# kube-prometheus-stack turns on:
#
#   sh dashboards.sh | kubectl --namespace monitoring apply --filename -
set -eu
cd "$(dirname "$0")/../../grafana/dashboards"
for file in *.json; do
  cat <<HEAD
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${file%.json}
  labels:
    app.kubernetes.io/name: falco-event-exporter
    grafana_dashboard: "1"
data:
  $file: |-
HEAD
  sed 's/^/    /' "$file"
done
