#!/bin/sh
# Runs an image as strictly as any host will, asks it for a prediction and stops it: deploy/check-image.sh [IMAGE]
set -eu

container=$(docker run --detach --publish 127.0.0.1::7860 --read-only --tmpfs /tmp --cap-drop ALL \
  --security-opt no-new-privileges --user 1000 --memory 512m --cpus 1 "${1:-breast-fna-explorer}")
trap 'docker rm --force "$container" > /dev/null' EXIT

if ! python3 deploy/smoke.py "http://$(docker port "$container" 7860)"; then
  docker logs "$container" >&2
  exit 1
fi

docker stop --time 10 "$container" > /dev/null
code=$(docker inspect --format '{{.State.ExitCode}}' "$container")
[ "$code" = 0 ] || { echo "ended with exit code $code instead of 0 when asked to stop" >&2; exit 1; }
