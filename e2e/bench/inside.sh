#!/bin/bash
# inside.sh: what bench.sh runs in namespaces of its own; process 1 there, so that all it starts ends with it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
base=$BENCH_BASE scratch=$BENCH_BASE/scratch
state=/run/bench certs=$scratch/certs.d
crictl=$repo/build/tools/crictl cribench=$repo/build/tools/cribench
export CONTAINER_RUNTIME_ENDPOINT='' # else crictl looks for configuration files
fail() { echo "bench: $*" >&2; exit 1; }

mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib/cni
mkdir -p $state "$scratch"/{peer/cni,onggi}
ip link set lo up
exec 3>&1

# ---- the runtimes: NAME_start prints the daemon's log file and leaves its id in $daemon

peer_start() {
  sed "s|@ROOT@|$scratch/peer|g; s|@STATE@|$state|g; s|@CERTS@|$certs|g" "$here/peer/containerd.toml.in" > "$scratch/peer/config.toml"
  sed "s|@STATE@|$state|g" "$here/peer/10-bench.conflist.in" > "$scratch/peer/cni/10-bench.conflist"
  /usr/bin/containerd -c "$scratch/peer/config.toml" </dev/null >> "$base/peer.log" 2>&1 &
  daemon=$!
}

onggi_start() {
  # shellcheck disable=SC2086 # ONGGID_ARGS is a list of words
  "$ONGGID" --root "$scratch/onggi" --state $state/onggi --socket $state/onggi.sock --registry-config "$certs" \
    --bridge onggi0 --cni-conf-dir "$base/onggi-no-cni" --pod-cidr 10.232.0.0/16 --cgroup-root "/$BENCH_CGROUP/onggi" $ONGGID_ARGS </dev/null >> "$base/onggi.log" 2>&1 &
  daemon=$!
}

# await NAME: until the socket answers and both conditions hold
await() {
  local i
  for i in $(seq 600); do
    [ -d /proc/$daemon ] || fail "$1 ended: $(tail -3 "$base/$1.log")"
    if "$crictl" -r unix://$state/$1.sock info 2>/dev/null | python3 -c '
import json, sys
sys.exit(not all(c["status"] for c in json.load(sys.stdin)["status"]["conditions"] if c["type"].endswith("Ready")))' 2>/dev/null; then return; fi
    sleep .05
  done
  fail "$1 is not ready after 30 s: $(tail -3 "$base/$1.log")"
}

stop() {
  kill "$daemon"
  wait "$daemon" 2>/dev/null || true
}

# ---- figures

# the first class that matches counts a process; all but workload and tool are the runtime's cost
classes='workload=^sleep 1000000;tool=^(docker-registry|(/bin/)?bash .*inside\.sh|timeout );'
classes+='shim=^\S*(containerd-shim|onggi-shim);pause=^/pause;daemon=^\S*(containerd|java|onggid) ;other=.'

# run NAME ROUND FIGURE ARG...
run() {
  local name=$1 file=$base/$1-$3-$2.json; shift 3
  timeout 300 "$cribench" -endpoint unix://$state/$name.sock -timeout 60s -log-dir "$scratch/logs" \
    -cgroup-parent "/$BENCH_CGROUP/$name" -samples -label "$name" "$@" > "$file" || fail "$name: cribench $* failed: $(tail -3 "$base/$name.log")"
}

# round NAME ROUND: the daemon lives for one round; its images stay
round() {
  echo "round $2 of $BENCH_ROUNDS: $1" >&3
  $1_start
  await $1
  run $1 $2 seq -mode lifecycle -n "$BENCH_PODS" -workers 1 -warmup 10
  run $1 $2 conc -mode lifecycle -n $((BENCH_PODS > 50 ? BENCH_PODS : 50)) -workers 10 -warmup 3
  run $1 $2 density -mode density -levels "0,$BENCH_DENSITY" -workers 2 -settle 3s -match "$classes"
  # the client of an exec has all of the second processor; the peer speaks no WebSocket v5
  run $1 $2 spdy -mode stream -protocol spdy -n 6
  [ $1 = peer ] || run $1 $2 websocket -mode stream -protocol websocket -n 6
  run $1 $2 lists -mode lists -n 100 -warmup 20 -workers 4
  if [ "$1 $2" = "onggi 1" ]; then
    run $1 $2 leak -mode leak -n "$BENCH_EXECS" -workers 4 -daemon "^\S*java .*$state/onggi.sock"
    run $1 $2 sessions -mode sessions -n 1000 -per-pod 250 -workers 8 -daemon "^\S*java .*$state/onggi.sock"
  fi
  stop
}

floor() {
  local c
  mkdir -p "$scratch/floor"
  for c in cpu cpuacct cpuset memory devices freezer blkio pids; do mkdir -p "/sys/fs/cgroup/$c/$BENCH_CGROUP/floor"; done
  "$base/floor" "$ONGGI_IMAGES/roots/busybox" "$scratch/floor" "$BENCH_CGROUP/floor" 100 > "$base/floor-$1.json" ||
    { echo "bench: no floor on this machine (cgroup v1 only)" >&2; rm -f "$base/floor-$1.json"; }
}

"$repo/e2e/images/mkimages.sh" -r "$BENCH_REGISTRY" -m "$certs"
: > "$base/peer.log"; : > "$base/onggi.log"
for r in $(seq "$BENCH_ROUNDS"); do
  floor "$r"
  round peer "$r"
  [ "$BENCH_PEER_ONLY" = 1 ] || round onggi "$r"
done
python3 "$here/report.py" "$base" "$BENCH_DENSITY"
