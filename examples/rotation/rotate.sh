#!/bin/sh
# Rotates Falco's file by renaming it, once it is over a size: events.json -> events.json.1 -> .2 -> ...
# Falco opens the file anew for each event (file_output.keep_alive: false), so nobody needs a signal, and what it
# writes late goes to the renamed file, which the exporter still watches.
#
#   rotate.sh FILE     goes on for ever; ROTATE_BYTES, ROTATE_KEEP and ROTATE_SECONDS say when and how many
#   rotate.sh health   whether it goes on: exit 0 or 1
#
# Keep several: an exporter that was away reads them all, from where it stopped, and only what was dropped is lost.
set -eu
bytes=${ROTATE_BYTES:-67108864}
keep=${ROTATE_KEEP:-5}
seconds=${ROTATE_SECONDS:-5}
alive=${ROTATE_ALIVE:-/tmp/alive}

if [ "$1" = health ]; then
  # Touched at each look.
  [ -n "$(find "$alive" -mmin -1 2>/dev/null)" ]
  exit
fi
file=$1

rotate() {
  # The first free number, or the oldest. A rotation that was killed half-way leaves a free one: nothing is dropped
  # for it the next time.
  last=1
  while [ "$last" -lt "$keep" ] && [ -e "$file.$last" ]; do last=$((last + 1)); done
  while [ "$last" -gt 1 ]; do
    mv -f "$file.$((last - 1))" "$file.$last"
    last=$((last - 1))
  done
  mv "$file" "$file.1"
}

trap 'exit 0' TERM INT
while :; do
  # There is always a file, also before Falco's first event.
  : >> "$file"
  if [ "$(wc -c < "$file")" -ge "$bytes" ]; then
    rotate
    : >> "$file"
  fi
  : > "$alive"
  sleep "$seconds" &
  wait $!
done
