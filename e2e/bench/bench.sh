#!/bin/bash
# bench.sh [-p] [-r ROUNDS] [-n PODS] [-d DENSITY]: Onggi beside Debian's containerd + runc + CNI plugins, in turn
# (A B A B ...) in one run, on the same images, driven by the same client, with the kernel's floor beside them.
#
#   -p  the peer alone        -r  rounds (default 2)
#   -n  pods one after the other in a round (default 40); 10 workers make as many again, at least 50
#   -d  pods at which memory is measured (default 50)
#
#   -e  execs between two looks at the daemon's memory (default 10000)
#
# Environment: ONGGID the daemon (default build/dist/bin/onggid), ONGGID_ARGS further flags for it,
# ONGGI_BENCH_DIR scratch folder (default build/bench), on the file system to be measured.
# Results: build/bench/*.json and a table; "bar met" and "bar missed" are no errors. Exit 1 if something failed.
#
# Everything runs in network, mount and process namespaces made for it, with a /run of its own: links, rules,
# mounts, sockets and processes end with it. The cgroups are removed at the end.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
peer_only=0 rounds=2 pods=40 density=50 execs=10000
while getopts pr:n:d:e: opt; do
  case $opt in
    p) peer_only=1 ;; r) rounds=$OPTARG ;; n) pods=$OPTARG ;; d) density=$OPTARG ;; e) execs=$OPTARG ;; *) exit 2 ;;
  esac
done
fail() { echo "bench: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root: namespaces, mounts and cgroups"
ONGGID=${ONGGID:-$repo/build/dist/bin/onggid}
if [ $peer_only = 0 ]; then [ -x "$ONGGID" ] || fail "no $ONGGID: run 'make build' first, or -p for the peer alone"; fi
for program in containerd runc docker-registry iptables unshare gcc python3; do
  command -v $program >/dev/null || fail "no $program: 'make setup' installs it"
done

base=${ONGGI_BENCH_DIR:-$repo/build/bench}
mkdir -p "$base"
base=$(cd "$base" && pwd)
export ONGGI_IMAGES=${ONGGI_IMAGES:-$repo/build/images}
export ONGGID ONGGID_ARGS=${ONGGID_ARGS:-} BENCH_BASE=$base BENCH_CGROUP=onggi-bench-$$ BENCH_REGISTRY=127.0.0.1:5055
export BENCH_PEER_ONLY=$peer_only BENCH_ROUNDS=$rounds BENCH_PODS=$pods BENCH_DENSITY=$density BENCH_EXECS=$execs

exec 8> "$base/.lock"
flock -n 8 || fail "another bench runs in $base"
"$repo/e2e/tools/gotools.sh" "$repo/build/tools"
gcc -std=gnu17 -O2 -Wall -Wextra -Wshadow -Werror -o "$base/floor" "$here/floor.c"
# the registry inside starts from this store, without the network
"$repo/e2e/images/mkimages.sh" -r $BENCH_REGISTRY
"$repo/e2e/images/mkimages.sh" -s -r $BENCH_REGISTRY

# what is left of the namespaces is files and cgroups; a killed process leaves its cgroup a moment later
remove_cgroups() {
  local left
  for _ in $(seq 100); do
    left=$(find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name "$BENCH_CGROUP")
    [ -n "$left" ] || return 0
    # shellcheck disable=SC2086 # a list of words
    find $left -depth -type d -exec rmdir {} + 2>/dev/null || sleep .1
  done
  echo "bench: cgroups left behind: $left" >&2
}

clean() {
  remove_cgroups
  rm -rf "$base/scratch" "$ONGGI_IMAGES/registry-${BENCH_REGISTRY##*:}.pid"
  [ "$made_cni" = 0 ] || rmdir /var/lib/cni
}
made_cni=0
[ -d /var/lib/cni ] || { mkdir /var/lib/cni; made_cni=1; }
rm -rf "$base/scratch" "$base"/*.json
mkdir -p "$base/scratch"
trap clean EXIT
# process 1 of the namespaces hears no signal but SIGKILL, which --kill-child sends when unshare dies
unshare --net --mount --pid --fork --kill-child --mount-proc "$here/inside.sh" 8>&- &
inside=$!
trap 'kill -KILL $inside; wait $inside 2>/dev/null || true; exit 130' INT TERM
wait $inside
