#!/bin/sh
# Changes what differs from place to place in prometheus/rules, and prints the rules as one file:
#
#   sh prometheus/rules.sh --grafana=https://grafana.example.com --page='http://{{ $labels.node }}:9376' > falco.yml
#
#   --grafana=URL      where Grafana is
#   --page=URL         the exporter's page; with several hosts as above, where their `node` is a name that people reach
#   --runbooks=URL     the directory of the runbooks
#   --victoriametrics  for VictoriaMetrics and vmalert, whose increase() takes the first value of a young series for
#                      news: what the exporter found at its very first start would fire
#   --in-place         writes into prometheus/rules and prints nothing
set -eu
cd "$(dirname "$0")/rules"

grafana='' page='' runbooks='' functions='' in_place=''
for argument in "$@"; do
  case $argument in
    --grafana=*) grafana=${argument#*=} ;;
    --page=*) page=${argument#*=} ;;
    --runbooks=*) runbooks=${argument#*=} ;;
    --victoriametrics) functions=yes ;;
    --in-place) in_place=yes ;;
    *)
      echo "rules.sh: no such option: $argument" >&2
      exit 2
      ;;
  esac
done

# One address of an annotation: its name, the new beginning, and what follows it, as regular expression.
address() {
  [ -z "$2" ] && return
  # It goes into a YAML text between quotes by way of sed.
  case $2 in
    *"'"* | *'|'* | *\\*)
      echo "rules.sh: no address: $2" >&2
      exit 2
      ;;
  esac
  new=$(printf '%s' "${2%/}" | sed 's/&/\\&/g')
  printf '%s\n' "s|^\( *$1: '\{0,1\}\)[^/].*\($3\)\$|\1$new\2|"
}

changes() {
  address dashboard_url "$grafana" '/d/falco-.*'
  address events_url "$page" '/[?].*'
  address runbook_url "$runbooks" '/Falco[A-Za-z]*\.md'
  if [ -n "$functions" ]; then
    printf '%s\n' 's/\([ (]\)increase(/\1increase_prometheus(/g'
  fi
}

program=$(changes)
if [ -n "$in_place" ]; then
  for file in *.yml; do
    changed=$(sed "$program" "$file")
    printf '%s\n' "$changed" > "$file"
  done
else
  echo 'groups:'
  for file in *.yml; do
    sed '1,/^groups:/d' "$file"
    echo
  done | sed "$program"
fi
