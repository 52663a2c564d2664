#!/bin/bash
# inside.sh DRIVER: runs in the node (e2e/node/run.sh starts it there). The daemon with one cgroup driver on a real cgroup
# v2, pods through crictl, and every claim asked of the kernel. The first thing that does not hold ends it, status 1.
set -euo pipefail
driver=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export ONGGI_NODE_TRIES=20000 # a start takes 25 s on a quiet machine
export ONGGI_DIST=$here/dist ONGGI_TOOLS=$here/tools
. "$here/lib/node.sh"
node_enter "node-$driver" "$@"
sed -i 's/timeout: 20/timeout: 120/' "$node/crictl.yaml"
began=$(milliseconds)
cg=/sys/fs/cgroup
image=docker.io/onggi/demo:1

say() { printf '%6.1f s  %s: %s\n' "$(awk -v t=$(($(milliseconds) - began)) 'BEGIN { print t / 1000 }')" "$driver" "$*"; }
fail() { say "NOT SO: $*"; tail -n 40 "$node/onggid.log"; exit 1; }
is() { # is WHAT EXPECTED ACTUAL
  [ "$2" = "$3" ] || fail "$1 is \"$3\", not \"$2\""
  say "$1 = $3"
}
finish() {
  local status=$?
  node_end >/dev/null 2>&1 || true
  exit "$status"
}
trap finish EXIT


flags=${ONGGI_NODE_FLAGS---cgroup-driver $driver}
uid=aaaa1111_bbbb
if [ "$driver" = systemd ]; then
  parent=kubepods-burstable-pod$uid.slice
  pod_dir=$cg/kubepods.slice/kubepods-burstable.slice/$parent
else
  parent=/kubepods/burstable/pod$uid
  pod_dir=$cg$parent
  mkdir -p "$pod_dir" # as the kubelet does, with every controller passed down
  for d in "$cg" "$cg/kubepods" "$cg/kubepods/burstable"; do echo '+cpu +cpuset +io +memory +pids' >"$d/cgroup.subtree_control"; done
fi
node_start $flags
say "the daemon serves"
is "RuntimeConfig's cgroup driver" "${driver^^}" "$(crictl runtime-config | grep -oiE 'cgroupfs|systemd' | tr a-z A-Z | head -n 1)"
onggi load "$here/demo-image.tar" >/dev/null

# a pod below the kubelet's cgroup
jq -n --arg logs "$node/logs/first" --arg parent "$parent" '{
  metadata: {name: "first", namespace: "default", uid: "u", attempt: 0}, log_directory: $logs, hostname: "first",
  linux: {cgroup_parent: $parent, security_context: {privileged: true, namespace_options: {network: 0, pid: 1, ipc: 0}}}}' >"$node/first.pod.json"
mkdir -p "$node/logs/first"
pod=$(crictl runp "$node/first.pod.json")
say "pod $pod"

# make NAME RESOURCES SECURITY COMMAND...: a started container; sets id and dir (its cgroup, from the kernel)
make() {
  local name=$1 resources=$2 security=$3
  shift 3
  jq -n --arg name "$name" --argjson resources "$resources" --argjson security "$security" --arg image "$image" '{
    metadata: {name: $name, attempt: 0}, image: {image: $image}, command: $ARGS.positional, log_path: ($name + ".log"),
    linux: {resources: $resources, security_context: ({namespace_options: {network: 0, pid: 1, ipc: 0}} + $security)}}' --args -- "$@" >"$node/$name.json"
  id=$(crictl create --no-pull "$pod" "$node/$name.json" "$node/first.pod.json") || return
  crictl start "$id" >/dev/null || return
  case $driver in systemd) dir=$pod_dir/onggi-$id.scope ;; *) dir=$pod_dir/$id ;; esac
}
value() { cat "$dir/$1"; } # value FILE: of the last container's cgroup
unit() { systemctl show "onggi-$id.scope" -p "$1" --value; }

make limited '{"cpu_shares": 512, "cpu_quota": 40000, "cpu_period": 100000, "memory_limit_in_bytes": 67108864,
  "memory_swap_limit_in_bytes": 67108864, "cpuset_cpus": "1", "oom_score_adj": 321, "hugepage_limits": [{"page_size": "2MB", "limit": 0}],
  "unified": {"memory.oom.group": "1", "memory.high": "62914560", "pids.max": "77"}}' '{}' sh -c 'while :; do sleep 1; done'
limited=$id
pid=$(pid_of "$id")
is "the process's cgroup" "0::${dir#"$cg"}" "$(cat "/proc/$pid/cgroup")"
is cpu.weight 20 "$(value cpu.weight)"
is cpu.max "40000 100000" "$(value cpu.max)"
is memory.max 67108864 "$(value memory.max)"
is memory.high 62914560 "$(value memory.high)"
is memory.oom.group 1 "$(value memory.oom.group)"
is memory.swap.max 0 "$(cat "$dir/memory.swap.max" 2>/dev/null || echo 0)"
is pids.max 77 "$(value pids.max)"
is cpuset.cpus 1 "$(value cpuset.cpus)"
[ ! -e "$dir/hugetlb.2MB.max" ] || is hugetlb.2MB.max 0 "$(value hugetlb.2MB.max)"
is oom_score_adj 321 "$(cat "/proc/$pid/oom_score_adj")"
value cgroup.procs | grep -qx "$pid" || fail "cgroup.procs lacks the first process"
shim=$(ps -o ppid= "$pid" | tr -d ' ')
case $(cat "/proc/$shim/cgroup") in *kubepods*) fail "the shim is in the pod's cgroup" ;; *) say "the shim is in $(cat "/proc/$shim/cgroup")" ;; esac
if [ "$driver" = systemd ]; then
  is "the unit's slice" "$parent" "$(unit Slice)"
  is "the unit's state" active "$(unit ActiveState)"
  is "the unit is delegated" yes "$(unit Delegate)"
  is "the unit's MemoryMax" 67108864 "$(unit MemoryMax)"
  is "the unit's CPUQuotaPerSecUSec" 400ms "$(unit CPUQuotaPerSecUSec)"
  is "the unit's TasksMax" 77 "$(unit TasksMax)"
  is "the unit's CPUWeight" 20 "$(unit CPUWeight)"
  is "the unit's AllowedCPUs" 1 "$(unit AllowedCPUs)"
  systemctl daemon-reload
  is "memory.max after a daemon-reload" 67108864 "$(value memory.max)"
  is "cpu.max after a daemon-reload" "40000 100000" "$(value cpu.max)"
  is "memory.oom.group after a daemon-reload" 1 "$(value memory.oom.group)"
fi

# what the container sees of it
is "its own view of /proc/1/cgroup" "0::/" "$(in_container "$id" cat /proc/1/cgroup)"
is "its own view of memory.max" 67108864 "$(in_container "$id" cat /sys/fs/cgroup/memory.max)"
if in_container "$id" sh -c 'echo 1 >/sys/fs/cgroup/memory.high' 2>/dev/null; then fail "the container may change its cgroup"; fi
if in_container "$id" mkdir /sys/fs/cgroup/x 2>/dev/null; then fail "the container may make cgroups"; fi

# an exec is in a sub-cgroup, below the container's limits, and is killed whole
in_container "$id" cat /proc/self/cgroup >"$node/exec"
case $(cat "$node/exec") in 0::/exec-*) say "an exec is in $(cat "$node/exec")" ;; *) fail "an exec is in $(cat "$node/exec")" ;; esac
if crictl exec --sync --timeout 2 "$id" sh -c 'sleep 4711 & sleep 4711' >/dev/null 2>&1; then fail "an exec outlived its timeout"; fi
is "processes that a timed out exec left" "" "$(pgrep -f 'sleep 4711' || true)"
no_execs() { ! compgen -G "$dir/exec-*" >/dev/null; }
wait_for 20 no_execs || fail "exec cgroups stay: $(ls -d "$dir"/exec-*)"

# resize, up and down, all or nothing
crictl update --memory 100663296 --cpu-quota 70000 --cpu-share 1024 "$id" >/dev/null
is "memory.max, raised" 100663296 "$(value memory.max)"
is "cpu.max, raised" "70000 100000" "$(value cpu.max)"
is "cpu.weight, raised" 39 "$(value cpu.weight)"
is "pids.max, untouched" 77 "$(value pids.max)"
if [ "$driver" = systemd ]; then is "the unit's MemoryMax, raised" 100663296 "$(unit MemoryMax)"; fi
crictl update --memory 50331648 "$id" >/dev/null
is "memory.max, lowered" 50331648 "$(value memory.max)"
is "memory.swap.max, still none" 0 "$(cat "$dir/memory.swap.max" 2>/dev/null || echo 0)"
if crictl update --memory 100663296 --cpuset-cpus 4000 "$id" 2>"$node/refused"; then fail "a CPU that is not there was taken"; fi
grep -q cpuset "$node/refused" || fail "the refusal does not name cpuset: $(cat "$node/refused")"
is "memory.max after a refused update" 50331648 "$(value memory.max)"

# statistics: PSI is there on v2
crictl stats -o json "$id" >"$node/stats.json"
jq -e '.stats[0] | .memory.workingSetBytes.value | tonumber > 0' "$node/stats.json" >/dev/null || fail "no working set: $(cat "$node/stats.json")"
jq -e '.stats[0] | .cpu.psi.Full // .cpu.psi.full, .memory.psi.Some // .memory.psi.some | has("Avg10") or has("avg10")' "$node/stats.json" >/dev/null \
  || say "stats without PSI: $(jq -c . "$node/stats.json")"

gone_dir() { [ ! -e "$dir" ]; }

# out of memory
make hog '{"memory_limit_in_bytes": 31457280, "memory_swap_limit_in_bytes": 31457280}' '{}' hog 60
wait_for 60 exited "$id" || fail "the hog lives"
is "the hog's end" "137 OOMKilled" "$(crictl inspect "$id" | jq -r '"\(.status.exitCode) \(.status.reason)"')"
wait_for 20 gone_dir || fail "the ended container's cgroup stays: $dir"
make survivor '{"memory_limit_in_bytes": 31457280, "memory_swap_limit_in_bytes": 31457280}' '{}' sh -c 'hog 60; exit 3'
wait_for 60 exited "$id" || fail "the survivor has not ended"
is "the survivor's end" "3 Error" "$(crictl inspect "$id" | jq -r '"\(.status.exitCode) \(.status.reason)"')"
make group '{"memory_limit_in_bytes": 31457280, "memory_swap_limit_in_bytes": 31457280, "unified": {"memory.oom.group": "1"}}' '{}' sh -c 'hog 60; exit 3'
wait_for 60 exited "$id" || fail "the group has not ended"
is "the end of a first process whose child was killed, memory.oom.group" "137 OOMKilled" "$(crictl inspect "$id" | jq -r '"\(.status.exitCode) \(.status.reason)"')"

# bad keys
if (make slashes '{"unified": {"../memory.max": "1"}}' '{}' true) 2>"$node/refused"; then fail "a key with a slash was taken"; fi
grep -q '../memory.max' "$node/refused" || fail "the refusal does not name the key: $(cat "$node/refused")"
if (make unknown '{"unified": {"memory.no_such": "1"}}' '{}' true) 2>"$node/refused"; then fail "an unknown file was taken"; fi
grep -q 'memory.no_such' "$node/refused" || fail "the refusal does not name the key: $(cat "$node/refused")"

# devices: made, but not opened
make devices '{}' '{}' sh -c 'mknod /tmp/kmsg c 1 11; cat /dev/null /tmp/kmsg; echo "cat $?"; sleep 1000'
wait_for 20 grep -qs 'cat [0-9]' "$node/logs/first/devices.log" || true
if grep -q 'cat 1' "$node/logs/first/devices.log"; then say "a device that was not given is not opened"; else say "TO DO: devices are not denied"; fi

# privileged: a writable tree of its own
make privileged '{}' '{"privileged": true}' sh -c 'mkdir /sys/fs/cgroup/mine && echo $$ >/sys/fs/cgroup/mine/cgroup.procs && cat /proc/self/cgroup; sleep 1000'
wait_for 20 grep -qs mine "$node/logs/first/privileged.log" || fail "privileged: $(cat "$node/logs/first/privileged.log")"
is "a privileged container's own sub-cgroup" "0::/mine" "$(sed 's/^[^ ]* [^ ]* [^ ]* //' "$node/logs/first/privileged.log")"

# the daemon anew: what runs goes on, what it made is known
node_kill KILL
node_start $flags
is "the limited container after a restart of the daemon" CONTAINER_RUNNING "$(state_of "$limited")"

# the end of all of it
crictl rmp --force --all >/dev/null
if [ "$driver" = systemd ]; then
  is "scopes left" "" "$(systemctl list-units --all --plain --no-legend 'onggi-*' | awk '{ print $1 }')"
  is "failed units" "" "$(systemctl list-units --failed --plain --no-legend | awk '{ print $1 }')"
fi
is "cgroups below the pod's" "" "$(find "$pod_dir" -mindepth 1 -type d 2>/dev/null)"
node_kill TERM
if [ "$driver" = systemd ]; then systemctl stop kubepods.slice; else rmdir "$pod_dir" "$cg/kubepods/burstable" "$cg/kubepods"; fi
is "cgroups with our names" "" "$(find "$cg" -type d \( -name '*kubepods*' -o -name '*onggi*' \) | sort)"
is "mounts with our names" "" "$(awk -v n="$node" 'index($5, n) { print $5 }' /proc/self/mountinfo)"
say "all of it holds"
