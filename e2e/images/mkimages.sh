#!/bin/bash
# mkimages.sh: builds every image that critest (cri-tools v1.36, Linux/amd64) pulls, from Debian packages and
# three tiny C programs, and pushes them to a plain-HTTP registry on loopback.
#
#   mkimages.sh [-r HOST:PORT] [-w WORKDIR] [-b] [-m DIR] [-c CRITEST -o COPY]     build, start the registry, push
#   mkimages.sh -s [-r HOST:PORT] [-w WORKDIR]                                     stop the registry
#
#     -r  registry (default 127.0.0.1:5000). If nothing listens there, Debian's docker-registry is started;
#         its process id stands in WORKDIR/registry-PORT.pid
#     -w  scratch folder (default $ONGGI_IMAGES, else build/images of the repository)
#     -b  also library/bigimage:1, 7 layers, 310 MB compressed, for figures of pull and unpack
#     -m  write containerd-style mirror configuration (HOST/hosts.toml for each registry named below) into DIR
#     -c  a critest binary; -o gets a copy of it with its one hard-coded image digest replaced by ours
#
# Registry path = image path without its host, so one mirror serves registry.k8s.io, k8s.gcr.io, gcr.io,
# public.ecr.aws and docker.io alike. Layers are the same bytes each time and are built again only when these
# scripts change; a repeat takes about a second.
# Needs bash, python3, gcc with a static libc, apt-get, dpkg-deb, docker-registry.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
registry=127.0.0.1:5000 work=${ONGGI_IMAGES:-$here/../../build/images} big=0 mirrors='' critest='' copy='' stop=0
while getopts r:w:bm:c:o:s opt; do
  case $opt in
    r) registry=$OPTARG ;; w) work=$OPTARG ;; b) big=1 ;; m) mirrors=$OPTARG ;;
    c) critest=$OPTARG ;; o) copy=$OPTARG ;; s) stop=1 ;; *) exit 2 ;;
  esac
done
mkdir -p "$work"/{debs,bin,roots,registry}
work=$(cd "$work" && pwd)
host=${registry%:*} port=${registry##*:}
pidfile=$work/registry-$port.pid

listening() { (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; }

# our registry's process, if it still is one: a recycled id must not be killed
registry_pid() {
  local pid
  pid=$(cat "$pidfile" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = docker-registry ] && echo "$pid"
}

stop_registry() {
  local pid
  if pid=$(registry_pid); then
    kill "$pid"
    for _ in $(seq 100); do [ -d "/proc/$pid" ] || break; sleep .05; done
  fi
  rm -f "$pidfile"
}

start_registry() {
  listening && return
  cat > "$work/registry-$port.yml" <<EOF
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $work/registry}, delete: {enabled: true}}
http: {addr: $registry}
EOF
  setsid docker-registry serve "$work/registry-$port.yml" </dev/null >"$work/registry-$port.log" 2>&1 9>&- &
  echo $! > "$pidfile"
  for _ in $(seq 100); do
    if listening; then echo "registry on $registry, pid $(cat "$pidfile")"; return; fi
    sleep .1
  done
  echo "mkimages: the registry does not listen on $registry; it says:" >&2
  cat "$work/registry-$port.log" >&2
  exit 1
}

write_mirrors() {
  local h
  for h in registry.k8s.io k8s.gcr.io gcr.io public.ecr.aws docker.io; do
    mkdir -p "$1/$h"
    printf 'server = "http://%s"\n[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "$registry" "$registry" > "$1/$h/hosts.toml"
  done
}

# a constant of critest names one image by digest; the replacement has the same length
patch_critest() {
  local digest
  digest=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["k8s-staging-cri-tools/test-image-digest:latest"][7:])' "$work/digests.json")
  LC_ALL=C sed "s/9700f9a2f5bf2c45f2f605a0bd3bce7cf37420ec9d3ed50ac2758413308766bf/$digest/g" "$critest" > "$copy"
  chmod 755 "$copy"
  echo "patched $copy (digest $digest)"
}

if [ $stop = 1 ]; then stop_registry; exit; fi
exec 9> "$work/.lock"; flock 9 # two runs in one folder wait for each other
"$here/roots.sh" "$work" "$big"
start_registry
python3 "$here/push.py" "$registry" "$work" "$big"
[ -z "$mirrors" ] || write_mirrors "$mirrors"
[ -z "$critest" ] || patch_critest
