#!/bin/bash
# run.sh: critest v1.36.0, Kubernetes' own validation of a CRI runtime, against a daemon from build/dist, with images
# built here and a registry on the loopback of the node's own network namespace. Five runs against one daemon: plain
# (the order of the sources), over WebSockets, and three in random order; no spec gets a second try.
# run.sh CRITEST-FLAGS..: one run with these flags, e.g. `e2e/critest/run.sh -ginkgo.focus='PodSandbox'`.
# CRITEST_SEEDS="1 2 3" repeats the orders of an earlier run (or is one more or less).
# Prints one table; exit 1 if a spec failed in one run, or was skipped for a reason that summary.py does not know.
# Per run in build/critest/RUN: report.json, output.log; the daemon's log: build/critest/onggid.log
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/node.sh"
reports=$top/build/critest
export ONGGI_IMAGES=$top/build/images
registry=127.0.0.1:5000
sockets="-websocket-exec -websocket-attach -websocket-portforward"

# Images are built (and Debian's packages fetched) where there is a network, then served where there is none.
if [ -z "${ONGGI_NODE_INSIDE:-}" ]; then
  "$here/../tools/gotools.sh" "$tools"
  mkdir -p "$reports"
  "$here/../images/mkimages.sh" -r 127.0.0.1:5055 -c "$tools/critest" -o "$reports/critest"
  "$here/../images/mkimages.sh" -s -r 127.0.0.1:5055
fi
node_enter critest "$@"
finish() {
  status=$?
  trap - EXIT
  cp "$node/onggid.log" "$reports/onggid.log" 2>/dev/null || true
  node_end
  "$here/../images/mkimages.sh" -s -r "$registry" >/dev/null 2>&1 || true
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

"$here/../images/mkimages.sh" -r "$registry" -m "$node/certs.d" >"$reports/images.log" 2>&1 || { tail -n 5 "$reports/images.log" >&2; exit 1; }
node_start
echo "critest: running against $("$dist/bin/onggid" --version | head -n 1), outputs in build/critest"
mkdir -p "$node/work"
cd "$node/work" # critest writes into its working directory
runs=()

# run NAME SEED FLAGS...: its line for the summary is in runs
run() {
  local name=$1 seed=$2 out=$reports/$1 began=$SECONDS left
  shift 2
  rm -rf "$out"
  mkdir -p "$out"
  "$reports/critest" -runtime-endpoint "$endpoint" -image-endpoint "$endpoint" -ginkgo.flake-attempts=1 \
    -ginkgo.seed="$seed" -ginkgo.json-report="$out/report.json" -ginkgo.no-color "$@" >"$out/output.log" 2>&1 || true
  [ -s "$out/report.json" ] || { tail -n 20 "$out/output.log" >&2; die "critest left no report ($name)"; }
  left=$(crictl pods --quiet; crictl ps --all --quiet)
  [ -z "$left" ] || die "the run $name left pods or containers: $left"
  runs+=("$name:$seed:$((SECONDS - began)):$out/report.json")
}

if [ $# -gt 0 ]; then
  run selected 1 "$@"
  python3 "$here/summary.py" --selected "${runs[@]}"
  exit
fi
run plain 1
# shellcheck disable=SC2086
run websocket 1 $sockets
for seed in ${CRITEST_SEEDS:-$((RANDOM * 32768 + RANDOM)) $((RANDOM * 32768 + RANDOM)) $((RANDOM * 32768 + RANDOM))}; do
  run "random$((${#runs[@]} - 1))" "$seed" -ginkgo.randomize-all
done
python3 "$here/summary.py" "${runs[@]}"
