#!/bin/bash
# train.sh DIST: starts the daemon and the CLI of DIST once recording an AOT cache, in a network namespace and folder of
# their own, asks a few questions over the socket and stops them in order; the JVM leaves DIST/lib/NAME.aot.
set -euo pipefail
dist=$1

if [ "${ONGGI_TRAIN_INSIDE:-}" != 1 ]; then
  [ "$(id -u)" = 0 ] || { echo "train: not root: the daemon does not start, so there is nothing to train on"; exit 1; }
  ONGGI_TRAIN_INSIDE=1 exec unshare -n -m "$0" "$@"
fi
ip link set lo up

work=$(mktemp -d)
socket=$work/onggi.sock
daemon= registry=
finish() {
  if [ -n "$registry" ]; then kill "$registry" 2>/dev/null || true; fi
  if [ -n "$daemon" ] && kill -0 "$daemon" 2>/dev/null; then kill -KILL "$daemon"; fi
  rm -rf "$work"
}
trap finish EXIT

ONGGI_RECORD_AOT=1 "$dist/bin/onggid" --root "$work/root" --state "$work/state" --socket "$socket" \
  --registry-config "$work/certs.d" --cni-conf-dir "$work/cni" --bridge onggitrain0 --pod-cidr 10.253.253.0/24 --cgroup-root /onggi-train &
daemon=$!
for _ in $(seq 200); do
  [ -S "$socket" ] && break
  kill -0 "$daemon" 2>/dev/null || { echo "train: the daemon ended before it served"; exit 1; }
  sleep 0.1
done
[ -S "$socket" ] || { echo "train: no socket after 20 s"; exit 1; }
# A pull and two pods: what they load is in the cache then, not read and linked at the first pod of each start.
here=$(cd "$(dirname "$0")" && pwd)
if musl-gcc -static -Os -s -o "$work/p" "$here/train-program.c"; then
  python3 "$here/train-image.py" "$work/p" 5000 &
  registry=$!
  for _ in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/5000) 2>/dev/null && break; sleep 0.05; done
  for _ in 1 2; do
    "$dist/bin/onggi" --socket "$socket" selftest 127.0.0.1:5000/train:1 /p "/p leave" ||
      echo "train: no pod could be run here; the cache holds less"
  done
  "$dist/bin/onggi" --socket "$socket" doctor
fi
for _ in 1 2 3; do "$dist/bin/onggi" images --socket "$socket"; done
ONGGI_RECORD_AOT=1 "$dist/bin/onggi" images --socket "$socket"
kill -TERM "$daemon"
wait "$daemon" || true
daemon=
[ -s "$dist/lib/onggid.aot" ] && [ -s "$dist/lib/onggi.aot" ]
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if [ -d "$hierarchy/onggi-train" ]; then find "$hierarchy/onggi-train" -depth -type d -exec rmdir {} +; fi
done
