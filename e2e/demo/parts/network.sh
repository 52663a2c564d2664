# network.sh: thing 1. The world outside is a network namespace behind a veth that knows no way back to the pods: only
# masquerade lets an answer return.
outside_pid=
outside_begin() {
  unshare --net -- sleep 100000 &
  outside_pid=$!
  wait_for 5 test "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$outside_pid/ns/net")"
  ip link add outside0 type veth peer name world0 netns "$outside_pid"
  ip addr add 198.51.100.1/24 dev outside0
  ip link set outside0 up
  in_outside ip link set lo up
  in_outside ip addr add 198.51.100.2/24 dev world0
  in_outside ip link set world0 up
  in_outside nft -f - <<'RULES'
table ip seen {
  chain arriving {
    type filter hook input priority 0;
    ip saddr 198.51.100.1 icmp type echo-request counter
    ip saddr != 198.51.100.1 icmp type echo-request counter
  }
}
RULES
}
outside_end() {
  [ -n "$outside_pid" ] || return 0
  ip link del outside0 2>/dev/null || true
  kill "$outside_pid" 2>/dev/null || true
  outside_pid=
}
in_outside() { nsenter --net="/proc/$outside_pid/ns/net" -- "$@"; }

# round_trip TEXT: the average of ping's last line, "... min/avg/max = a/b/c ms"
round_trip() { sed -n 's:.*= [0-9.]*/\([0-9.]*\)/.*:\1 ms:p' <<<"$1"; }

pings() { # pings WHAT ADDRESS COMMAND...: three pings must all be answered
  local what=$1 address=$2 answer
  shift 2
  answer=$("$@" ping -c 3 -i 0.2 -W 2 "$address") || wrong "$what: no answer from $address: $answer"
  grep -q ' 0% packet loss' <<<"$answer" || wrong "$what: packets were lost: $answer"
  fact "$what" "ping -c 3 $address" "3 of 3, $(round_trip "$answer")"
}

show_network() {
  local red_ip blue_ip
  red_ip=$(address_of "$red") blue_ip=$(address_of "$blue")
  [ -n "$red_ip" ] && [ "$red_ip" != "$blue_ip" ] || wrong "addresses: RED has '$red_ip', BLUE has '$blue_ip'"
  fact "addresses" "crictl inspectp" "RED $red_ip, BLUE $blue_ip"
  pings "RED -> BLUE" "$blue_ip" in_container "$red_a"
  pings "BLUE -> RED" "$red_ip" in_container "$blue_a"
  pings "host -> RED" "$red_ip" env
  outside_begin
  trap outside_end EXIT
  pings "RED -> outside, masqueraded" 198.51.100.2 in_container "$red_a"
  if in_outside ip route get "$red_ip" >/dev/null 2>&1; then wrong "the outside has a route to $red_ip: masquerade was not needed"; fi
  local counts
  counts=$(in_outside nft list table ip seen | sed -n 's/.*packets \([0-9]*\).*/\1/p' | xargs)
  [ "$counts" = "3 0" ] || wrong "the outside counted (from the node, from pods) '$counts', expected '3 0'"
  fact "what the outside saw" "nft counter in its own namespace" "3 pings from 198.51.100.1 (the node), 0 from $red_ip"
}
