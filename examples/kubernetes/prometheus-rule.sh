#!/bin/sh
# Prints the rules of prometheus/rules as a PrometheusRule of the Prometheus operator.
set -eu
cd "$(dirname "$0")/../../prometheus/rules"
cat <<'HEAD'
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: falco-event-exporter
  labels:
    app.kubernetes.io/name: falco-event-exporter
spec:
  groups:
HEAD
for file in *.yml; do
  awk '/^groups:/ { inside = 1; next } inside { print ($0 == "" ? "" : "  " $0) }' "$file"
done
