# life.sh: things 6 to 9.
show_escape() {
  local marker=$node/marker bare answer lower
  bare=$(mktemp -d "$node/bare.XXXXXX")
  echo host >"$marker"
  # A bare chroot from the same layers: what people did by hand before pivot_root.
  for lower in $(lowers "$blue_a" | tac); do cp -a "$lower/." "$bare/" 2>/dev/null || true; done
  answer=$(chroot "$bare" /bin/escape "$marker") || wrong "from a bare chroot the program should reach the host's root: $answer"
  fact "from a bare chroot" "chroot DIR /bin/escape MARKER" "$answer"
  rm -rf "$bare"
  answer=$(in_container "$red_a" sh -c "escape $marker; true")
  grep -q '^contained' <<<"$answer" || wrong "in the container the program said: $answer"
  fact "from a container" "escape MARKER" "$(head -n 1 <<<"$answer")"
}

show_restart() {
  local first second pid began answer
  first=$(container "$red" red phoenix 0 '{}' sh -c 'echo I am attempt 0; exec sleep 100000')
  pid=$(pid_of "$first")
  wait_for 5 grep -q 'attempt 0' "$node/logs/red/phoenix/0.log" || wrong "attempt 0 wrote no log"
  began=$(milliseconds)
  kill -KILL "$pid"
  wait_for 5 exited "$first" || wrong "PID 1 was killed and the container is $(state_of "$first")"
  answer=$(crictl inspect "$first" | jq -r '"exit \(.status.exitCode), \(.status.reason)"')
  [ "$answer" = "exit 137, Error" ] || wrong "after SIGKILL of PID 1: $answer"
  fact "the container ends" "kill -KILL $pid, crictl inspect" "$answer, seen after $(($(milliseconds) - began)) ms"
  began=$(milliseconds)
  second=$(container "$red" red phoenix 1 '{}' sh -c 'echo I am attempt 1; exec sleep 100000')
  fact "attempt 1 starts" "crictl create, crictl start" "$(($(milliseconds) - began)) ms"
  wait_for 5 grep -q 'attempt 1' "$node/logs/red/phoenix/1.log" || wrong "attempt 1 wrote no log"
  answer="$(crictl logs "$first") / $(crictl logs "$second")"
  [ "$answer" = "I am attempt 0 / I am attempt 1" ] || wrong "the logs say: $answer"
  fact "both logs are there" "crictl logs" "$answer"
  crictl rm --force "$first" "$second" >/dev/null
}

# pods_as_seen: first processes of the standing containers with their start times, as the kernel tells
pods_as_seen() {
  local id pid
  for id in "$red_a" "$red_b" "$blue_a"; do
    pid=$(pid_of "$id")
    echo "$pid $(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)"
  done
}

show_daemon_death() {
  local counting ends before after log=$node/logs/red/counting/0.log first last lines answer began
  counting=$(container "$red" red counting 0 '{}' lines 1000)
  ends=$(container "$red" red ends 0 '{}' sh -c 'sleep 1; exit 7')
  before=$(pods_as_seen)
  sleep 0.5
  node_kill KILL
  first=$(wc -l <"$log")
  sleep 1.5 # the daemon is gone, a container ends meanwhile
  last=$(wc -l <"$log")
  [ "$last" -gt "$first" ] || wrong "no line was written while the daemon was gone"
  began=$(milliseconds)
  node_start
  fact "kill -KILL of the daemon" "wc -l of the log while it is gone" "lines $first to $last were written without it"
  fact "started again" "onggid, first Version" "$(($(milliseconds) - began)) ms"
  sleep 0.5
  answer=$(crictl inspect "$ends" | jq -r '"\(.status.state), exit \(.status.exitCode)"')
  [ "$answer" = "CONTAINER_EXITED, exit 7" ] || wrong "the container that ended meanwhile: $answer"
  fact "a container ended meanwhile" "crictl inspect" "$answer"
  after=$(pods_as_seen)
  [ "$before" = "$after" ] || wrong "containers changed: before '$before', after '$after'"
  fact "pods are untouched" "PID and start time of each first process" "3 of 3 the same"
  answer=$(onggi doctor) || wrong "onggi doctor: $answer"
  grep -q ' 0 differences' <<<"$answer" || wrong "$answer"
  fact "journal and kernel agree" "onggi doctor" "${answer#doctor: }"
  crictl stop --timeout 0 "$counting" >/dev/null
  lines=$(wc -l <"$log")
  answer=$(awk '{ n++; if ($2 != "stdout" || $3 != "F" || $4 != "line" || $5 != n) bad++ } END { print n + 0, bad + 0 }' "$log")
  [ "$answer" = "$lines 0" ] && [ "$lines" -gt "$last" ] || wrong "log lines and wrong ones: $answer (after restart more than $last expected)"
  fact "not one line is missing" "lines 1 to $lines at 1,000 a second, in order" "0 of $lines missing"
  crictl rm --force "$counting" "$ends" >/dev/null
}

show_plan() {
  local plan steps
  plan=$(onggi plan "$red_a") || wrong "onggi plan: $plan"
  steps=$(grep -c . <<<"$plan")
  grep -qi 'pivot' <<<"$plan" && grep -qi 'overlay' <<<"$plan" && grep -qi 'exec' <<<"$plan" ||
    wrong "the plan lacks overlay, pivot or exec: $plan"
  fact "the plan of RED's container a" "onggi plan $(cut -c1-12 <<<"$red_a")" "$steps lines"
  # The first and the last of them; the whole is for `onggi plan`.
  awk -v n="$steps" 'NR <= 12 || NR > n - 8; NR == 13 && n > 20 { print "... and " n - 20 " more ..." }' <<<"$plan" |
    sed "s/^/     $dim|$plain /" | cut -c1-150
}
