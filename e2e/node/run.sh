#!/bin/bash
# run.sh [DRIVER..]: a real node with cgroup v2 and systemd (a QEMU guest, see mknode.sh), and in it the daemon of
# build/dist with each cgroup driver in turn: cgroupfs, systemd. What is asserted there: inside.sh.
# An instruction takes 10 to 40 times as long there as here: nothing in it is timed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
dist=${ONGGI_DIST:-$top/build/dist}
tools=${ONGGI_TOOLS:-$top/build/tools}
[ $# -gt 0 ] || set -- cgroupfs systemd
export NODE_CACHE=${NODE_CACHE:-$top/build/node} NODE_PACKAGES=jq NODE_MEM=${NODE_MEM:-2G} NODE_TIMEOUT=${NODE_TIMEOUT:-900}

"$here/../tools/gotools.sh" "$tools" >&2
"$here/../images/demo/mkdemo.sh" "$top/build/demo-image.tar"
share=$(mktemp -d "${TMPDIR:-/tmp}/onggi-node.XXXXXX")
trap 'rm -rf "$share"' EXIT
mkdir -p "$share"/{lib,tools}
cp -a "$dist" "$share/dist"
cp "$tools/crictl" "$share/tools/"
cp "$here/../lib/node.sh" "$share/lib/"
cp "$here/inside.sh" "$top/build/demo-image.tar" "$share/"
for driver in "$@"; do
  NODE_SHARE=$share "$here/node-run.sh" "${ONGGI_NODE_FLAGS+export ONGGI_NODE_FLAGS=$ONGGI_NODE_FLAGS; }exec bash /host/inside.sh $driver"
done
