#!/bin/sh
# Prints the rules of prometheus/rules as a PrometheusRule of the Prometheus operator. RELEASE is the label that the
# operator's Prometheus selects rules by: kube-prometheus-stack's own release (helm list), monitoring where none is
# given. Options are those of prometheus/rules.sh:
#
#   RELEASE=monitoring sh prometheus-rule.sh --grafana=https://grafana.example.com | kubectl apply --filename -
set -eu
cat <<HEAD
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: falco-event-exporter
  labels:
    app.kubernetes.io/name: falco-event-exporter
    release: ${RELEASE:-monitoring}
spec:
HEAD
sh "$(dirname "$0")/../../prometheus/rules.sh" "$@" | sed 's/^\(.\)/  \1/'
