#!/bin/bash
# A real machine to install on: Debian 13 with a systemd of its own, its own network and address, as a container of this
# one. Needs root, debootstrap, systemd-container and iproute2. MACHINES: the folder of its disks.
#   machine.sh image CMD...   the disk that every machine begins with, kept between runs; CMD runs in it with a network
#   machine.sh up             boot a fresh one at 10.77.7.1
#   machine.sh sh CMD...      run CMD on it
#   machine.sh kill           power cut: every process is gone at once, its disk stays
#   machine.sh boot           start it again
#   machine.sh down           stop it; remove its disk and its network
set -euo pipefail
home=${MACHINES:?names the folder of the disks}; base=$home/base; place=$home/m1; bridge=br-egide7; net=10.77.7
nspawn() { systemd-nspawn --quiet --register=no --keep-unit "$@"; }
inner() { pgrep -P "$(cat "$place/pid")" | head -1; }
run_in() {
  nsenter -t "$(inner)" -m -u -i -n -p -C --root -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 /bin/sh -c 'cd /root && exec "$@"' sh "$@"
}
image() {
  mkdir -p "$home" /run/systemd
  mountpoint -q /run/systemd || [ -d /run/systemd/system ] || mount -t tmpfs tmpfs /run/systemd
  [ -e "$base/.made" ] || {
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,iproute2,python3,ca-certificates trixie "$base" >"$home/debootstrap.log"
    cp -a /etc/apt/. "$base/etc/apt/"; cp -a /etc/ssl/certs/. "$base/etc/ssl/certs/"; touch "$base/.made"
  }
  [ $# -eq 0 ] || nspawn -D "$base" --bind-ro=/etc/resolv.conf "$@"
}
boot() {
  mkdir -p "$place"/{up,work,root}
  mountpoint -q "$place/root" || mount -t overlay overlay -o "lowerdir=$base,upperdir=$place/up,workdir=$place/work" "$place/root"
  umount -l /run/systemd/nspawn/unix-export/egide1 2>/dev/null || true; rm -rf /run/systemd/nspawn/unix-export/egide1
  echo egide1 >"$place/root/etc/hostname"
  setsid systemd-nspawn --quiet --register=no --keep-unit --machine=egide1 --network-namespace-path=/run/netns/egide7 -b \
    -D "$place/root" </dev/null >"$place/console.log" 2>&1 &
  echo $! >"$place/pid"
  for ((i = 0; i < 600; i++)); do
    [ -n "$(inner)" ] && run_in systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && return 0
    sleep 0.2
  done
  echo "the machine did not boot: $place/console.log" >&2; return 1
}
up() {
  image
  ip link show $bridge >/dev/null 2>&1 || { ip link add $bridge type bridge; ip addr add $net.254/24 dev $bridge; ip link set $bridge up; }
  ip netns list | grep -q '^egide7\b' || {
    ip netns add egide7; ip link add egide7v type veth peer name eth0 netns egide7; ip link set egide7v master $bridge up
    ip -n egide7 addr add $net.1/24 dev eth0; ip -n egide7 link set eth0 up; ip -n egide7 link set lo up; }
  boot
}
halt() {
  local leader; leader=$(cat "$place/pid" 2>/dev/null) || return 0
  kill -9 $(inner) "$leader" 2>/dev/null || true
  for ((i = 0; i < 50; i++)); do kill -0 "$leader" 2>/dev/null || break; sleep 0.1; done
}
down() {
  [ ! -d "$place" ] || { halt; umount -l "$place/root" 2>/dev/null || true; rm -rf "$place"; }
  ip netns del egide7 2>/dev/null || true; ip link del egide7v 2>/dev/null || true; ip link del $bridge 2>/dev/null || true
}
verb=${1:-help}; shift || true
case $verb in
  image) image "$@";; up) up;; sh) run_in "$@";; boot) boot;; kill) halt;; down) down;;
  *) sed -n '2,10s/^# \?//p' "$0";;
esac
