#!/bin/bash
# demo.sh: what people once made by hand, shown on real pods: nine things, each asked of the kernel and of the container.
# Prints what was asked and answered, one verdict a thing, and `demo: N of N shown` last; exit 0 only if all hold.
# Environment: ONGGI_DEMO_ONLY="1 4" shows only these; ONGGI_DEMO_KEEP=1 keeps the daemon's log.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/node.sh"
for part in "$here"/parts/*.sh; do . "$part"; done

shown=0 asked=0
node_enter demo "$@"
finish() {
  status=$?
  trap - EXIT
  if [ "$status" != 0 ] && [ -s "$node/onggid.log" ]; then
    mkdir -p "$top/build" && cp "$node/onggid.log" "$top/build/demo-onggid.log"
    echo "the daemon's log: build/demo-onggid.log"
  fi
  outside_end
  node_end
  "$here/../leaks/leaks.sh" none "$(basename "$node")" || status=1
  echo "demo: $shown of $asked shown"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' bad=$'\e[31m' good=$'\e[32m' plain=$'\e[0m'; else bold='' dim='' bad='' good='' plain=''; fi

# fact WHAT ASKED ANSWER: one line of evidence
fact() { printf '   %-34s %s%-52s%s %s\n' "$1" "$dim" "$2" "$plain" "$3"; }
# wrong MESSAGE: this thing does not hold
wrong() { printf '   %s%s%s\n' "$bad" "$*" "$plain"; exit 1; }
# within LOW VALUE HIGH: as decimal numbers
within() { awk -v l="$1" -v v="$2" -v h="$3" 'BEGIN { exit !(v >= l && v <= h) }'; }

thing() { # thing NUMBER TITLE FUNCTION
  local status began
  case " ${ONGGI_DEMO_ONLY:-$1} " in *" $1 "*) ;; *) return 0 ;; esac
  asked=$((asked + 1))
  printf '%s%s. %s%s\n' "$bold" "$1" "$2" "$plain"
  began=$(milliseconds)
  set +e
  (set -e; "$3")
  status=$?
  set -e
  if [ "$status" = 0 ]; then
    shown=$((shown + 1))
    printf '   %sshown%s in %d ms\n' "$good" "$plain" $(($(milliseconds) - began))
  else
    printf '   %sNOT SHOWN%s\n' "$bad" "$plain"
  fi
}

prepare() {
  local began archive=$top/build/demo-image.tar
  "$here/../tools/gotools.sh" "$tools" >&2
  "$here/../images/demo/mkdemo.sh" "$archive"
  image=docker.io/onggi/demo:1
  began=$(milliseconds)
  node_start
  fact "onggid serves" "onggid --root ... --socket ..., first Version" "$(($(milliseconds) - began)) ms"
  began=$(milliseconds)
  onggi load "$archive" >/dev/null
  fact "image loaded" "onggi load demo-image.tar" "$(($(milliseconds) - began)) ms, $(stat -c %s "$archive" | awk '{ printf "%.1f MB", $1 / 1e6 }')"
  began=$(milliseconds)
  red=$(pod red)
  fact "pod RED" "crictl runp red.json" "$(($(milliseconds) - began)) ms"
  began=$(milliseconds)
  blue=$(pod blue)
  fact "pod BLUE" "crictl runp blue.json" "$(($(milliseconds) - began)) ms"
  began=$(milliseconds)
  red_a=$(container "$red" red a 0 '{}' sleep 100000)
  fact "container a of RED" "crictl create, crictl start" "$(($(milliseconds) - began)) ms"
  red_b=$(container "$red" red b 0 '{}' sleep 100000)
  blue_a=$(container "$blue" blue a 0 '{}' sleep 100000)
  node_first_in_line
}

echo "${bold}Onggi: pods RED and BLUE, made by $("$dist/bin/onggid" --version | head -n 1), driven by $("$tools/crictl" --version 2>/dev/null || echo crictl)${plain}"
prepare
thing 1 "Two pods with addresses of their own reach each other, the host and the world outside" show_network
thing 2 "One stored copy of the image; what RED changes, BLUE does not see" show_overlay
thing 3 "Own host name, own processes, own ipc, own mounts" show_namespaces
thing 4 "CPU: 40 % is 40 %, and 1024:256 is 4:1" show_cpu
thing 5 "Memory: 180 MiB of 200 lives, 220 MiB is killed, alone" show_memory
thing 6 "The classic escape works from a bare chroot and not from a container" show_escape
thing 7 "PID 1 is killed: the container ends, attempt 1 starts, both logs are there" show_restart
thing 8 "The daemon is killed: no container, no log line and no exit code is lost" show_daemon_death
thing 9 "A container is a short program of system calls, and can be read" show_plan
[ "$shown" = "$asked" ] && result=0 || result=1
exit "$result"
