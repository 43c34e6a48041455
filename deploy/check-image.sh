#!/bin/sh
# Runs an image as strictly as any host will, asks it for a prediction and stops it: deploy/check-image.sh IMAGE
# ENGINE is docker or podman; PATIENCE, the seconds that it has to start.
set -eu
engine=${ENGINE:-docker}

container=$("$engine" run --detach --publish 127.0.0.1::7860 --read-only --tmpfs /tmp --cap-drop ALL \
  --security-opt no-new-privileges --user 1000 --memory 512m --cpus 1 "$1")
trap '"$engine" rm --force "$container" > /dev/null' EXIT

if ! python3 deploy/smoke.py "http://$("$engine" port "$container" 7860)" --timeout "${PATIENCE:-60}"; then
  "$engine" logs "$container" >&2
  exit 1
fi

"$engine" stop --time 10 "$container" > /dev/null
code=$("$engine" inspect --format '{{.State.ExitCode}}' "$container")
[ "$code" = 0 ] || { echo "$1 ended with exit code $code instead of 0 when asked to stop" >&2; exit 1; }
