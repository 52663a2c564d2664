# overlay.sh: thing 2. The kernel's own mount table says which folders a container's root is made of.
overlay_options() { awk '$5 == "/" { print $NF; exit }' "/proc/$(pid_of "$1")/mountinfo"; }
lowers() { overlay_options "$1" | tr ',' '\n' | sed -n 's/^lowerdir+\{0,1\}=//p' | tr ':' '\n' | sed '/^$/d'; }
upper() { overlay_options "$1" | tr ',' '\n' | sed -n 's/^upperdir=//p'; }

# digest_of DIR...: one hash over names, contents, owners, modes and times of everything stored
digest_of() { for d in "$@"; do tar -C "$d" --sort=name --numeric-owner -c .; done | sha256sum | cut -c1-16; }

show_overlay() {
  local red_lowers blue_lowers red_upper blue_upper before after size answer
  red_lowers=$(lowers "$red_a") blue_lowers=$(lowers "$blue_a") red_upper=$(upper "$red_a") blue_upper=$(upper "$blue_a")
  [ -n "$red_lowers" ] && [ "$red_lowers" = "$blue_lowers" ] || wrong "lower layers differ: RED '$red_lowers', BLUE '$blue_lowers'"
  [ -n "$red_upper" ] && [ "$red_upper" != "$blue_upper" ] || wrong "upper folders: RED '$red_upper', BLUE '$blue_upper'"
  # shellcheck disable=SC2086
  size=$(du -sk --total $red_lowers | tail -n 1 | awk '{ printf "%.1f MB", $1 * 1024 / 1e6 }')
  fact "layers are stored once" "/proc/PID/mountinfo of RED and BLUE" "same $(wc -l <<<"$red_lowers") lower folders, $size; own upper folders"
  # shellcheck disable=SC2086
  before=$(digest_of $red_lowers)
  in_container "$red_a" sh -c 'echo new >/demo/written && rm /demo/opaque/new && echo red >>/demo/changed' >/dev/null
  answer=$(in_container "$red_a" sh -c 'cat /demo/written /demo/changed; ls /demo/opaque' | xargs)
  [ "$answer" = "new layer 2 red" ] || wrong "RED does not see its own changes: '$answer'"
  fact "RED writes, deletes, changes" "echo >/demo/written; rm ...; echo >>/demo/changed" "RED reads: $answer"
  answer=$(in_container "$blue_a" sh -c 'ls /demo/written 2>/dev/null; cat /demo/changed /demo/opaque/new' | xargs)
  [ "$answer" = "layer 2 layer 2" ] || wrong "BLUE sees RED's changes: '$answer'"
  fact "BLUE sees none of it" "ls /demo/written; cat /demo/changed /demo/opaque/new" "BLUE reads: $answer"
  answer=$(stat -c '%F %t:%T' "$red_upper/demo/opaque/new")
  [ "$answer" = "character special file 0:0" ] || wrong "the deletion in RED's upper folder is '$answer'"
  fact "the deletion is a whiteout" "stat upper/demo/opaque/new" "$answer"
  # shellcheck disable=SC2086
  after=$(digest_of $red_lowers)
  [ "$before" = "$after" ] || wrong "the layers changed: $before became $after"
  fact "the layers are unchanged" "sha256 over everything in the lower folders" "$before... before and after"
}
