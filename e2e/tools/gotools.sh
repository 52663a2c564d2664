#!/bin/bash
# gotools.sh DIR: builds the Go programs that drive a CRI socket into DIR, from the Go module proxy:
#   crictl, critest   cri-tools v1.36.0, pinned in e2e/go/tools/go.mod
#   cribench          the benchmark client, e2e/go/cribench
#   criproto          compares proto/ with k8s.io/cri-api, e2e/go/criproto
# A program whose stamp (hash of Go's version, go.mod, go.sum and sources) is unchanged is not built again.
set -euo pipefail
[ $# = 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
src=$(cd "$(dirname "$0")/../go" && pwd)
exec 9> "$out/.lock"; flock 9 # two builds of one folder wait for each other
command -v go >/dev/null || { echo "gotools: no go in PATH; 'make setup' installs it" >&2; exit 1; }

# stamp MODULE: what its programs are made from, as one hash
stamp() {
  { go version; cd "$src/$1"; find . -name 'go.*' -o -name '*.go' | LC_ALL=C sort | xargs sha256sum; } | sha256sum | cut -d' ' -f1
}

# build MODULE PROGRAM COMMAND...: runs COMMAND in the module unless PROGRAM is up to date
build() {
  local module=$1 program=$2 now; shift 2
  now=$(stamp "$module")
  if [ -x "$out/$program" ] && [ "$(cat "$out/.$program.stamp" 2>/dev/null)" = "$now" ]; then return; fi
  echo "gotools: building $program"
  (cd "$src/$module" && GOFLAGS=-mod=readonly CGO_ENABLED=0 "$@" -o "$out/$program.new") || { rm -f "$out/$program.new"; exit 1; }
  mv "$out/$program.new" "$out/$program"
  echo "$now" > "$out/.$program.stamp"
}

ldflags="-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=v1.36.0"
build cribench cribench go build -trimpath -buildvcs=false
build criproto criproto go build -trimpath -buildvcs=false
# a package path cannot follow -o, so the two of cri-tools get theirs through a function
crictl() { go build -trimpath -buildvcs=false -ldflags "$ldflags" "$@" sigs.k8s.io/cri-tools/cmd/crictl; }
critest() { go test -c -trimpath -buildvcs=false -ldflags "$ldflags" "$@" sigs.k8s.io/cri-tools/cmd/critest; }
build tools crictl crictl
build tools critest critest
