# namespaces.sh: thing 3.
show_namespaces() {
  local red_pid host_before answer inside there
  red_pid=$(pid_of "$red_a")
  answer=$(in_container "$red_a" hostname)
  [ "$answer" = red ] || wrong "host name in RED is '$answer'"
  [ "$(hostname)" != red ] || wrong "the host's own name became red"
  fact "own host name" "hostname" "$answer; the host stays $(hostname)"
  answer=$(in_container "$red_a" sh -c 'tr "\0" " " </proc/1/cmdline')
  [ "$(basename "$answer")" = "sleep 100000 " ] || wrong "PID 1 in RED is '$answer'"
  [ "$(awk '/^NSpid/ { print $NF }' "/proc/$red_pid/status")" = 1 ] || wrong "the command is not PID 1 in its namespace"
  answer=$(awk '/^NSpid/ { print $2 " on the host, " $NF " inside" }' "/proc/$red_pid/status")
  fact "PID 1 is the command" "/proc/PID/status, NSpid" "$answer"
  inside=$(in_container "$red_a" sh -c 'ls /proc | grep -c "^[0-9]"')
  host_before=$(ls /proc | grep -c '^[0-9]')
  [ "$inside" -lt 8 ] || wrong "RED sees $inside processes"
  fact "host processes are unseen" "ls /proc" "$inside processes inside, $host_before on the host"
  in_container "$red_a" shm create 4711 65536 >/dev/null
  there=$(in_container "$red_b" shm has 4711) || wrong "RED's second container does not see the segment of its first: $there"
  answer=$(in_container "$blue_a" sh -c "shm has 4711; true")
  grep -q "is not there" <<<"$answer" || wrong "BLUE sees RED's ipc segment: $answer"
  fact "ipc is the pod's" "shmget in RED a; looked for in RED b, BLUE a" "RED b: there; BLUE a: not there"
  inside=$(wc -l <"/proc/$red_pid/mountinfo")
  answer=$(awk -v u="$(upper "$red_a")" 'index($0, "upperdir=" u) { n++ } END { print n + 0 }' /proc/self/mountinfo)
  [ "$answer" = 0 ] || wrong "the host's mount table shows RED's root $answer times"
  fact "its mounts are its own" "mountinfo inside and on the host" "$inside mounts inside, its root $answer times on the host"
}
