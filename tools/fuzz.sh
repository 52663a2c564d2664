#!/bin/bash
# fuzz.sh SECONDS: every fuzz target for that long: the Java ones by Jazzer, guided by coverage (FuzzTest), then the shim's
# parsers by deterministic mutations and by clang's libFuzzer, both under ASan and UBSan.
# Exit 0 only if nothing broke.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?usage: fuzz.sh SECONDS}

make -s -C shim fuzz
make -s -C shim libfuzzer FUZZ_SECONDS="$seconds"
mvn -B -ntp -q -pl proto,shim,cni-bridge,cri-server -Dtest=FuzzTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Donggi.fuzz.seconds="$seconds" verify
echo "fuzz: nothing broke; corpora in cri-server/target/fuzz and shim/target/native"
