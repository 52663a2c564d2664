#!/bin/sh
# setup.sh [build|test|bench|critest|vm]: installs by apt what is missing for that purpose, and only that. Says nothing and takes
# milliseconds when nothing is missing: it looks for the files themselves, not for packages (a Go or Maven that came
# from elsewhere is fine).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
purpose=${1:-build}
missing=

need() { # need FILE-OR-COMMAND PACKAGE
  case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac || missing="$missing $2"
}

PATH=$PATH:/usr/sbin:/sbin
need mvn maven
need gcc gcc
need /usr/include/stdio.h libc6-dev
need /usr/include/linux/mount.h linux-libc-dev
need musl-gcc musl-tools
need python3 python3
if [ "$purpose" != build ]; then
  need clang clang
  need clang-format clang-format
  need ip iproute2
  need nft nftables # the product speaks netlink; the tests ask a second witness
  need busybox busybox # not busybox-static: its shell never executes /bin/ls
  need ping iputils-ping
  need /usr/lib/cni/bridge containernetworking-plugins # conflists are tested with the real plugins
  need iptables iptables # which portmap executes
  need unshare util-linux
  need jq jq
  need curl curl
  need xz xz-utils
  need pgrep procps
  "$here/find-go.sh" >/dev/null 2>&1 || need go golang-go
fi
if [ "$purpose" = bench ]; then
  need containerd containerd
  need runc runc
fi
if [ "$purpose" = vm ]; then
  need qemu-system-x86_64 qemu-system-x86
  need mmdebstrap mmdebstrap
  need mkfs.ext4 e2fsprogs
  # its own package since QEMU 8
  if [ ! -x /usr/lib/qemu/virtiofsd ] && apt-cache show virtiofsd >/dev/null 2>&1; then need /usr/libexec/virtiofsd virtiofsd; fi
fi
case $purpose in critest | bench) need docker-registry docker-registry ;; esac

if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || {
    echo "setup: missing:$missing. Run 'make setup' as root, or: apt-get install$missing" >&2
    exit 1
  }
  command -v apt-get >/dev/null 2>&1 || {
    echo "setup: missing:$missing, and there is no apt-get here to install them" >&2
    exit 1
  }
  echo "setup: installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  # A service that a package brings along is not to be started: policy-rc.d is Debian's way to say so.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
"$here/find-jdk.sh" >/dev/null
[ "$purpose" = build ] || "$here/find-go.sh" >/dev/null
