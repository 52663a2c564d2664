# limits.sh: things 4 and 5. CPU time is read from /proc/PID/stat, memory from the container's cgroup.
ticks_per_second=$(getconf CLK_TCK)

# share_of SECONDS PID...: for each process the per cent of one CPU that it got in that time
share_of() {
  local seconds=$1 pid began now
  shift
  declare -A before
  began=$(milliseconds)
  for pid in "$@"; do before[$pid]=$(cpu_ticks "$pid"); done
  sleep "$seconds"
  now=$(milliseconds)
  for pid in "$@"; do
    awk -v t="$(($(cpu_ticks "$pid") - before[$pid]))" -v hz="$ticks_per_second" -v ms=$((now - began)) \
      'BEGIN { printf "%.1f\n", 100 * t / hz / (ms / 1000) }'
  done
}

show_cpu() {
  local limited big small share shares ratio last
  limited=$(container "$red" red limited 0 '{"cpu_period": 100000, "cpu_quota": 40000}' burn 1000)
  sleep 0.5
  share=$(share_of 5 "$(pid_of "$limited")")
  crictl rm --force "$limited" >/dev/null
  within 38 "$share" 42 || wrong "a limit of 40 % gave $share % over 5 s"
  fact "quota 40 ms of each 100 ms" "a busy loop, /proc/PID/stat over 5 s" "$share % of a CPU"
  last=$(($(nproc) - 1))
  big=$(container "$red" red big 0 "{\"cpu_shares\": 1024, \"cpuset_cpus\": \"$last\"}" burn 1000)
  small=$(container "$red" red small 0 "{\"cpu_shares\": 256, \"cpuset_cpus\": \"$last\"}" burn 1000)
  sleep 0.5
  shares=$(share_of 5 "$(pid_of "$big")" "$(pid_of "$small")" | xargs)
  crictl rm --force "$big" "$small" >/dev/null
  ratio=$(awk '{ printf "%.2f", $1 / $2 }' <<<"$shares")
  within 3.4 "$ratio" 4.6 || wrong "shares 1024:256 on one CPU gave $shares %, a ratio of $ratio"
  fact "shares 1024:256 on one CPU" "two busy loops, /proc/PID/stat over 5 s" "$ratio:1 (${shares// / % and } %)"
}

# resident PID: MiB of anonymous memory that the process holds now
resident() { awk '/^RssAnon/ { printf "%d\n", $2 / 1024 }' "/proc/$1/status"; }
holds() { crictl logs "$1" 2>/dev/null | grep -q '^holding'; }

show_memory() {
  local limit='{"memory_limit_in_bytes": 209715200, "memory_swap_limit_in_bytes": 209715200}' lives dies answer neighbour
  neighbour=$(pid_of "$red_a")
  lives=$(container "$red" red lives 0 "$limit" hog 180)
  wait_for 20 holds "$lives" || wrong "hog 180: $(state_of "$lives"), $(crictl logs "$lives" 2>&1 | tail -n 1)"
  answer=$(resident "$(pid_of "$lives")")
  [ "$(state_of "$lives")" = CONTAINER_RUNNING ] || wrong "180 MiB in 200 did not live"
  fact "180 MiB under a limit of 200" "/proc/PID/status RssAnon" "running with $answer MiB"
  dies=$(container "$red" red dies 0 "$limit" hog 220)
  wait_for 20 exited "$dies" || wrong "hog 220 was not killed: $(state_of "$dies")"
  answer=$(crictl inspect "$dies" | jq -r '"exit \(.status.exitCode), \(.status.reason)"')
  [ "$answer" = "exit 137, OOMKilled" ] || wrong "hog 220 ended with $answer"
  fact "220 MiB under a limit of 200" "crictl inspect" "$answer after $(crictl logs "$dies" 2>/dev/null | tail -n 1)"
  [ "$(pid_of "$red_a")" = "$neighbour" ] && [ -d "/proc/$neighbour" ] && [ "$(state_of "$lives")" = CONTAINER_RUNNING ] ||
    wrong "another container of the pod was touched"
  fact "the others of the pod" "crictl inspect, /proc/PID" "a runs on as PID $neighbour, lives runs on"
  crictl rm --force "$lives" "$dies" >/dev/null
}
