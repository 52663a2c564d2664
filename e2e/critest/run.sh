#!/bin/bash
# run.sh [CRITEST-FLAGS..]: critest v1.36.0, Kubernetes' own validation of a CRI runtime, against a daemon from build/dist, with
# images built here and a registry on the loopback of the node's own network namespace. Further flags go to critest,
# e.g. `e2e/critest/run.sh -ginkgo.focus='PodSandbox'`.
# Prints passed, failed and skipped with reasons; exit 1 if a [Conformance] spec that needs no streaming fails.
# Report: build/critest/report.json, output: build/critest/output.log, the daemon's: build/critest/onggid.log
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/node.sh"
reports=$top/build/critest
export ONGGI_IMAGES=$top/build/images
registry=127.0.0.1:5000

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
echo "critest: running against $("$dist/bin/onggid" --version | head -n 1), output in build/critest/output.log"
cd "$node" # critest writes into its working directory
began=$SECONDS
"$reports/critest" -runtime-endpoint "$endpoint" -image-endpoint "$endpoint" \
  -ginkgo.json-report="$reports/report.json" -ginkgo.no-color "$@" >"$reports/output.log" 2>&1 || true
[ -s "$reports/report.json" ] || { tail -n 20 "$reports/output.log" >&2; die "critest left no report"; }
python3 "$here/summary.py" "$reports/report.json" $((SECONDS - began))
