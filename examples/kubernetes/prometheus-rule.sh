#!/bin/sh
# Prints the rules of prometheus/rules as a PrometheusRule of the Prometheus operator:
#
#   RELEASE=monitoring sh prometheus-rule.sh --grafana=https://grafana.example.com |
#     kubectl --namespace falco apply --filename -
#
# RELEASE is the label that the operator's Prometheus selects rules by: kube-prometheus-stack's own release (helm list);
# monitoring where none is given. The options are those of prometheus/rules.sh.
#
# One thing is changed: the severity info is called low here. kube-prometheus-stack's alert InfoInhibitor silences all
# of severity info in a namespace where nothing worse fires, and FalcoWarningEvents is never told.
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
sh "$(dirname "$0")/../../prometheus/rules.sh" "$@" | sed 's/^\(.\)/  \1/; s/^\( *severity: \)info$/\1low/'
