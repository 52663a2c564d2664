# node.sh: a node of its own for a test, sourced by the scripts that drive the daemon through crictl.
#
# It gives: a network namespace (so the machine's links, routes, nft tables and sysctls stay as they are), a folder for
# all state, a daemon with flags that no other instance has, crictl bound to it, and an end that removes all of it.
#   node_enter NAME "$@"   re-executes the script in its namespace; NAME marks folder, bridge and cgroups
#   node_start [FLAGS..]   starts the daemon and waits until it serves; sets daemon_pid
#   node_kill SIGNAL       ends the daemon, waits for it
#   node_end               removes pods, daemon, folder, cgroups (from the caller's EXIT trap)
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dist=${ONGGI_DIST:-$top/build/dist}
tools=${ONGGI_TOOLS:-$top/build/tools}
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

node_enter() {
  node_name=$1
  shift
  [ "$(id -u)" = 0 ] || die "namespaces, mounts and cgroups are made here: run this as root"
  if [ "${ONGGI_NODE_INSIDE:-}" != "$node_name" ]; then
    ONGGI_NODE_INSIDE=$node_name exec unshare --net -- "$0" "$@"
  fi
  ip link set lo up
  node=$(mktemp -d "${TMPDIR:-/tmp}/onggi-$node_name.XXXXXX")
  socket=$node/onggi.sock
  endpoint=unix://$socket
  bridge=onggi${node_name:0:6}0
  pod_cidr=${ONGGI_POD_CIDR:-10.77.0.0/24}
  cgroup_root=/$(basename "$node")
  mkdir -p "$node"/{logs,certs.d}
  printf 'runtime-endpoint: %s\nimage-endpoint: %s\ntimeout: 20\n' "$endpoint" "$endpoint" >"$node/crictl.yaml"
}

node_start() {
  "$dist/bin/onggid" --root "$node/root" --state "$node/state" --socket "$socket" \
    --registry-config "$node/certs.d" --bridge "$bridge" --cni-conf-dir "$node/cni" --pod-cidr "$pod_cidr" --cgroup-root "$cgroup_root" \
    "$@" >>"$node/onggid.log" 2>&1 &
  daemon_pid=$!
  disown # so that bash does not report its death, which some tests want
  echo "$daemon_pid" >"$node/daemon.pid"
  node_wait_serving
}

node_wait_serving() {
  for _ in $(seq "${ONGGI_NODE_TRIES:-400}"); do
    # The socket's file may be that of a killed daemon: only an answer counts.
    if [ -S "$socket" ] && "$tools/crictl" --config "$node/crictl.yaml" version >/dev/null 2>&1; then return 0; fi
    kill -0 "$daemon_pid" 2>/dev/null || { tail -n 20 "$node/onggid.log" >&2; die "the daemon ended before it served"; }
    sleep 0.02
  done
  tail -n 20 "$node/onggid.log" >&2
  die "the daemon does not serve after ${ONGGI_NODE_TRIES:-400} looks, 20 ms apart"
}

# The daemon may have been started by a subshell, so its pid is kept in a file, and it is not always our child to wait for.
node_kill() {
  [ -s "$node/daemon.pid" ] || return 0
  daemon_pid=$(cat "$node/daemon.pid")
  rm -f "$node/daemon.pid"
  kill "-$1" "$daemon_pid" 2>/dev/null || return 0
  wait_for 20 gone "$daemon_pid" || die "the daemon (PID $daemon_pid) ignores SIG$1 for 20 s"
}
gone() { ! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null; }

# Everything the node made goes, also after a failure in the middle.
node_end() {
  if [ ! -s "$node/daemon.pid" ] && [ -d "$node/root" ]; then (node_start) >/dev/null 2>&1 || true; fi
  if [ -s "$node/daemon.pid" ]; then
    crictl rmp --all --force >/dev/null 2>&1 || true
    node_kill TERM
  fi
  node_sweep
  rm -rf "$node"
}

# The pods of this node come before other work on the machine, so that what is measured is their limits, not its load.
node_first_in_line() {
  if [ -e "/sys/fs/cgroup/cpu$cgroup_root/cpu.shares" ]; then echo 262144 >"/sys/fs/cgroup/cpu$cgroup_root/cpu.shares"; fi
  if [ -e "/sys/fs/cgroup$cgroup_root/cpu.weight" ]; then echo 10000 >"/sys/fs/cgroup$cgroup_root/cpu.weight"; fi
}

# What a broken run left is taken away by force, so that the next run starts clean; a healthy run leaves nothing to do.
node_sweep() {
  local pid hierarchy mountpoint
  for pid in $(pgrep -f "$node/" 2>/dev/null || true); do
    if [ "$pid" != $$ ] && [ "$(readlink "/proc/$pid/exe" | sed 's:.*/::')" = onggi-shim ]; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
  awk -v node="$node/" 'index($5, node) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r mountpoint; do
    umount -l "$mountpoint" 2>/dev/null || true
  done
  awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/mounts | while read -r hierarchy; do
    [ -d "$hierarchy$cgroup_root" ] || continue
    find "$hierarchy$cgroup_root" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do
      kill -KILL "$pid" 2>/dev/null || true
    done
    find "$hierarchy$cgroup_root" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

# crictl's warnings (no cgroup_parent set) are shown only when it fails.
crictl() {
  local status=0 complaints=$node/crictl.$BASHPID
  "$tools/crictl" --config "$node/crictl.yaml" "$@" 2>"$complaints" || status=$?
  if [ "$status" != 0 ]; then cat "$complaints" >&2; fi
  rm -f "$complaints"
  return "$status"
}
onggi() { "$dist/bin/onggi" "$1" --socket "$socket" "${@:2}"; }

# pod NAME: makes a pod with a host name of its own, prints its id
pod() {
  jq -n --arg name "$1" --arg logs "$node/logs/$1" '{
    metadata: {name: $name, namespace: "default", uid: ("uid-" + $name), attempt: 0},
    hostname: $name, log_directory: $logs, dns_config: {servers: ["192.0.2.53"], searches: ["demo.local"]},
    linux: {security_context: {namespace_options: {network: 0, pid: 1, ipc: 0}}}}' >"$node/$1.pod.json"
  mkdir -p "$node/logs/$1"
  crictl runp "$node/$1.pod.json"
}

# container POD-ID POD NAME ATTEMPT RESOURCES-JSON COMMAND...: makes and starts a container, prints its id
container() {
  local pod_id=$1 pod=$2 name=$3 attempt=$4 resources=$5 id
  shift 5
  jq -n --arg name "$name" --argjson attempt "$attempt" --argjson resources "$resources" --arg image "$image" '{
    metadata: {name: $name, attempt: $attempt}, image: {image: $image}, command: $ARGS.positional,
    log_path: ($name + "/" + ($attempt | tostring) + ".log"),
    linux: {resources: $resources, security_context: {namespace_options: {network: 0, pid: 1, ipc: 0}}}}' --args -- "$@" >"$node/$name.$attempt.json"
  mkdir -p "$node/logs/$pod/$name"
  id=$(crictl create --no-pull "$pod_id" "$node/$name.$attempt.json" "$node/$pod.pod.json") || return
  crictl start "$id" >/dev/null || return
  echo "$id"
}

in_container() { local id=$1; shift; crictl exec --sync "$id" "$@"; }   # in_container ID COMMAND...
pid_of() { crictl inspect "$1" | jq -r .info.pid; }                      # the first process, as the host sees it
state_of() { crictl inspect "$1" | jq -r .status.state; }
address_of() { crictl inspectp "$1" | jq -r .status.network.ip; }

# wait_for SECONDS COMMAND...: until the command holds, asked every 50 ms
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}
exited() { [ "$(state_of "$1")" = CONTAINER_EXITED ]; }

# cpu_ticks PID...: user + system time of the processes, in clock ticks (1/100 s)
cpu_ticks() {
  local pid sum=0 fields
  for pid in "$@"; do
    fields=$(sed 's/.*) //' "/proc/$pid/stat") || return
    # shellcheck disable=SC2086
    set -- $fields
    sum=$((sum + ${12} + ${13}))
  done
  echo "$sum"
}
milliseconds() { date +%s%3N; }
