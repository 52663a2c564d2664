#!/bin/bash
# test.sh [--check-only]: everything that must hold. Runs to the end even when something fails, prints the test runners' own
# summary lines, then one line a suite, and `N passed, N failed` last. Exit 0 only if nothing failed.
# With --check-only: formatting, lint, layering, unit tests; no daemon is started.
# Full outputs are in build/test/*.log.
set -uo pipefail
cd "$(dirname "$0")/.."
top=$PWD
logs=$top/build/test
rm -rf "$logs"
mkdir -p "$logs"
check_only=0
[ "${1:-}" = --check-only ] && check_only=1
exec </dev/null
export CI=${CI:-true}

passed=0 failed=0 report=

# record NAME PASSED FAILED SECONDS
record() {
  passed=$((passed + $2)) failed=$((failed + $3))
  report+=$(printf '  %-28s %5d passed %4d failed %5d s' "$1" "$2" "$3" "$4")$'\n'
}

# suite NAME COMMAND...: its output is shown; it counts as many tests as its lines "N passed, N failed" say, else as one
suite() {
  local name=$1 began=$SECONDS log status
  shift
  log=$logs/${name// /-}.log
  echo "== $name"
  "$@" 2>&1 | tee "$log"
  status=$?
  set -- $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' "$log" | awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
  if [ "$status" != 0 ] && [ "$2" = 0 ]; then set -- "$1" 1; fi
  if [ "$status" = 0 ] && [ "$1$2" = 00 ]; then set -- 1 0; fi
  record "$name" "$1" "$2" $((SECONDS - began))
}

# maven NAME ARGS...: Surefire counts; what is shown is its summaries, warnings and errors
maven() {
  local name=$1 began=$SECONDS status counts
  shift
  echo "== $name"
  mvn -B -ntp -Dstyle.color=never "$@" >"$logs/${name// /-}.log" 2>&1
  status=$?
  grep -E '^\[(ERROR|WARNING)\]|Tests run:|Building Onggi|BUILD' "$logs/${name// /-}.log" | grep -vE 'Tests run:.* Time elapsed.*[0-9] s -- in' | cut -c1-400
  counts=$(grep -E '^\[(INFO|ERROR|WARNING)\] Tests run:' "$logs/${name// /-}.log" | grep -v 'Time elapsed' |
    awk -F'[:,]' '{ ran += $2; bad += $4 + $6; skipped += $8 } END { print ran - bad - skipped, bad + 0 }')
  set -- $counts
  # A build that fails without a failing test (a formatter, the compiler, the layering) is one failure.
  if [ "$status" != 0 ] && [ "$2" = 0 ]; then set -- "$1" 1; fi
  record "$name" "$1" "$2" $((SECONDS - began))
  return $status
}

demo() {
  local began=$SECONDS counts
  echo "== demo"
  e2e/demo/demo.sh 2>&1 | tee "$logs/demo.log"
  counts=$(sed -n 's/^demo: \([0-9]*\) of \([0-9]*\) shown$/\1 \2/p' "$logs/demo.log")
  set -- ${counts:-0 9}
  record demo "$1" $(($2 - $1)) $((SECONDS - began))
}

c_format() { git ls-files '*.c' '*.h' | xargs -r clang-format --dry-run --Werror; }
go_format() { local out; out=$(git ls-files '*.go' | xargs -r gofmt -l); [ -z "$out" ] || { echo "not formatted (make fmt): $out"; return 1; }; }
shell_syntax() { git ls-files '*.sh' .ci/run | while read -r f; do bash -n "$f" || exit 1; done; }
no_machine_paths() {
  local found
  found=$(git grep -nE "(^|[\"' =(])(/work|/home|/root)/" -- ':!docs/adr' ':!tools/test.sh' | grep -v '/root/\.' | head -n 5)
  [ -z "$found" ] || { echo "a path of somebody's machine: $found"; return 1; }
}
house_style() {
  c_format && go_format && shell_syntax && no_machine_paths && echo "C, Go and shell are as they should be"
}
proto_equal() { build/tools/criproto -selftest && build/tools/criproto proto/target/cri.desc; }

finish() {
  echo
  printf '%s' "$report"
  echo "  total $SECONDS s; outputs in build/test"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
  exit
}

if [ "$check_only" = 0 ]; then e2e/leaks/leaks.sh snapshot "$logs/before.facts"; fi
suite "style" house_style
rm -f shim/target/native/tested # Maven, further down, does not run them a second time
suite "shim" make -s -C shim tested
maven "java" -pl proto,shim,cni-bridge,cri-server verify || java_failed=1
suite "go tools" e2e/tools/gotools.sh build/tools
suite "proto equals cri-api" proto_equal
if [ "$check_only" = 1 ]; then finish; fi

if [ -z "${java_failed:-}" ]; then
  suite "dist" env ONGGI_MAVEN_DONE=1 tools/dist/build.sh
else
  suite "dist" make build
fi
if [ -x build/dist/bin/onggid ]; then
  suite "demo image" e2e/images/demo/mkdemo.sh build/demo-image.tar
  maven "e2e" -pl proto,e2e -Donggi.e2e.skip=false -Donggi.dist="$top/build/dist" -Donggi.tools="$top/build/tools" verify
  demo
fi
suite "nothing is left behind" e2e/leaks/leaks.sh compare "$logs/before.facts"
finish
