#!/bin/bash
# run.sh: a daemon in the foreground with everything it keeps under build/run, and what to type against it.
# ^C stops the daemon; its containers live on (start it again, or `crictl rmp -af` first).
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "make run: the daemon makes namespaces, mounts and cgroups: run this as root" >&2; exit 1; }
e2e/tools/gotools.sh build/tools
top=$PWD
run=$top/build/run
socket=$run/onggi.sock
state=$run/state
[ ${#state} -le 60 ] || state=/run/onggi-make-run # sockets live there, and their paths must fit into 107 bytes
mkdir -p "$run/logs"
sed "s|@RUN@|$run|" docs/examples/pod.json >"$run/pod.json"
cp docs/examples/container.json "$run/"
image=$run/demo.tar
[ -s "$image" ] || e2e/images/demo/mkdemo.sh "$image"
cat <<TEXT
In another terminal:

  $top/build/dist/bin/onggi load --socket $socket $image
  alias crictl='$top/build/tools/crictl --runtime-endpoint unix://$socket --image-endpoint unix://$socket'
  crictl version
  crictl images
  crictl runp $run/pod.json
  crictl create POD-ID $run/container.json $run/pod.json
  crictl start CONTAINER-ID && crictl logs CONTAINER-ID
  crictl rmp -af

TEXT
exec build/dist/bin/onggid --root "$run/root" --state "$state" --socket "$socket" \
  --registry-config "$run/certs.d" --cni-conf-dir "$run/cni" --bridge onggirun0 --pod-cidr 10.244.250.0/24 --cgroup-root /onggi-run "$@"
