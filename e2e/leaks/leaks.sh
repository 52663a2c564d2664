#!/bin/bash
# leaks.sh snapshot FILE     writes what a container runtime could leave behind on this machine, as the kernel tells it
# leaks.sh compare FILE      the same again; prints every difference and fails if there is one
# leaks.sh none NAME         fails if a process, mount, cgroup or file with NAME in it is there at all
#
# One fact a line, `kind what`. Looked at: processes of ours and processes whose root is not this one, mounts,
# pinned namespaces, cgroups in every hierarchy, links, addresses of bridges, routes, nft tables, forwarding sysctls,
# unix sockets, and the files of the default folders. Kernel threads and the machine's own supervisor do not count.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

root_of() { awk '$5 == "/" { sub(/.* - /, ""); print; exit }' "$1/mountinfo" 2>/dev/null; }

processes() {
  local proc pid exe cmd root here self=$BASHPID
  here=$(root_of /proc/self)
  for proc in /proc/[0-9]*; do
    pid=${proc#/proc/}
    exe=$(readlink "$proc/exe" 2>/dev/null) || continue # a kernel thread, or gone
    cmd=$(tr '\0' ' ' <"$proc/cmdline" 2>/dev/null | cut -c1-160) || continue
    case "$exe $cmd" in
      */onggi-shim* | *io.onggi.daemon* | *docker-registry* | */build/tools/*) ;;
      *)
        root=$(root_of "$proc") || continue
        if [ -z "$root" ] || [ "$root" = "$here" ]; then continue; fi
        ;;
    esac
    if [ "$pid" != "$self" ]; then echo "process $pid: $cmd"; fi
  done
}

# Ids in the mount table change with every mount; place, type and source tell what is there.
mounts() { sed 's/ - / /' /proc/self/mountinfo | awk '{ print "mount " $5 " " $(NF-2) " " $(NF-1) }'; }

cgroups() {
  local hierarchy
  awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/mounts | while read -r hierarchy; do
    find "$hierarchy" -mindepth 1 -type d -path '*/process_api*' -prune -o -mindepth 1 -type d -print 2>/dev/null
  done | sed 's/^/cgroup /'
}

network() {
  ip -o link | awk -F': ' '{ sub(/@.*/, "", $2); print "link " $2 }'
  ip -o -4 addr | awk '{ print "address " $2 " " $4 }'
  ip -4 route | sed 's/ *linkdown *$//; s/ *$//; s/^/route /'
  nft list tables 2>/dev/null | sed 's/^/nft /' || true
  ls /run/netns 2>/dev/null | sed 's/^/netns /' || true
  for knob in net/ipv4/ip_forward net/ipv4/conf/all/route_localnet net/ipv4/conf/all/forwarding net/ipv6/conf/all/forwarding; do
    if [ -r "/proc/sys/$knob" ]; then echo "sysctl $knob $(cat "/proc/sys/$knob")"; fi
  done
}

files() {
  find /run/onggi /var/lib/onggi /etc/onggi /run/containerd /var/lib/containerd 2>/dev/null | sed 's/^/file /' || true
  find "${TMPDIR:-/tmp}" -maxdepth 1 \( -name 'onggi*' -o -name 'jna-*' -o -name 'libnetty*' -o -name 'critest*' \) 2>/dev/null |
    sed 's/^/file /' || true
  ls /dev/shm 2>/dev/null | sed 's/^/shm /' || true
  ipcs -m 2>/dev/null | awk '$1 ~ /^0x/ { print "ipc shm " $2 }' || true
}

# ONGGI_LEAKS_OF=NAME: of processes, mounts, cgroups and files only those that have NAME in them (one node of several),
# and the names of all files in that node's folder.
of_name() {
  { processes; mounts; cgroups; } | grep -F -- "$1" || true
  find "${TMPDIR:-/tmp}/$1" -not -path '*/logs/*' 2>/dev/null | sed 's/^/file /' || true
}

snapshot() {
  if [ -z "${ONGGI_LEAKS_OF:-}" ]; then
    { processes; mounts; cgroups; network; files; } | sort
  else
    { of_name "$ONGGI_LEAKS_OF"; network; } | sort
  fi
}

case ${1:-} in
  snapshot) snapshot >"$2" ;;
  compare)
    # What ends takes a moment to be gone (a network namespace goes by a kernel worker): look again before complaining.
    for _ in $(seq 15); do
      difference=$(diff "$2" <(snapshot) | sed -n 's/^>/left behind:/p; s/^</vanished:/p') || true
      [ -z "$difference" ] && break
      sleep 0.1
    done
    if [ -n "$difference" ]; then
      echo "$difference"
      echo "leaks: $(echo "$difference" | wc -l) differences from the snapshot"
      exit 1
    fi
    echo "leaks: nothing left behind ($(wc -l <"$2") facts compared)"
    ;;
  none)
    found=$(of_name "$2" | grep -vF "process $$:" | grep -v 'leaks.sh none') || true
    [ -z "$found" ] || { echo "left behind:"; echo "$found"; exit 1; }
    ;;
  *) echo "usage: $0 snapshot|compare FILE | none NAME" >&2; exit 2 ;;
esac
