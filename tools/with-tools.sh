#!/bin/sh
# with-tools.sh COMMAND...: runs COMMAND with the JDK and, where there is one, the Go that build Onggi.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
JAVA_HOME=$("$here/find-jdk.sh")
PATH=$JAVA_HOME/bin:$PATH:/usr/sbin:/sbin
if go=$("$here/find-go.sh" 2>/dev/null); then PATH=$go:$PATH; fi
export JAVA_HOME PATH
exec "$@"
