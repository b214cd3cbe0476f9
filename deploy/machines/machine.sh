#!/usr/bin/env bash
# Machines to install on, as root on one host: Debian 13 with systemd of their own, an address each, and no road out.
#   machine.sh image CMD...  prepare the disk that they begin with (debootstrap; apt works there); kept between runs
#   machine.sh up H          make and boot machine H (1 to 9) at 10.77.7.H; its changes lie apart from that disk
#   machine.sh sh H CMD...   run a command inside, and end with its status
#   machine.sh kill H        power cut: every process gone at once; its disk stays
#   machine.sh boot H        start it again
#   machine.sh cut H         its network cable is out; heal H puts it back
#   machine.sh fill H        leave no room on a disk of its own; free H gives it back
#   machine.sh slow H N      at most N writes a second reach that disk; 0: as fast as it is
#   machine.sh destroy H     power cut, and its disk is gone
#   machine.sh down          end all and remove what was made, but for the disk that they begin with
# With DISK_MB a machine gets a disk of its own (ext4 in a file), which can be full, slow, and lose what was not synced.
# Its memory can be limited where cgroups are of the first version: /sys/fs/cgroup/memory/egide7-H.
# What lies in $MACHINES/shared/NAME is mounted in each: /media/stick, /var/lib/egide-second, /var/lib/pgbackrest.
# Needs debootstrap, systemd-container, iproute2. Works on a host that systemd does not run, as containers do not.
set -euo pipefail
home=${MACHINES:?names the folder of the disks}; base=$home/base; bridge=br-egide7; net=10.77.7; memory=/sys/fs/cgroup/memory
verb=${1:-help}; shift || true
case $verb in up | sh | kill | boot | destroy | cut | heal | fill | free | slow) number=$1; place=$home/m$1; shift ;; esac
blkio=/sys/fs/cgroup/blkio/egide7-${number:-0}
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
    cp -a /etc/apt/. "$base/etc/apt/"; cp -a /etc/ssl/certs/. "$base/etc/ssl/certs/"
    rm -f "$base/etc/apt/apt.conf.d/docker-clean"; touch "$base/.made"   # it throws away what was fetched for later
  }
  [ $# -eq 0 ] || nspawn -D "$base" --bind-ro=/etc/resolv.conf "$@"
}
boot() {
  mkdir -p "$place"/{disk,root} "$home/shared"/{stick,second,pgbackrest}
  [ ! -e "$place/disk.img" ] || mountpoint -q "$place/disk" || mount -o loop "$place/disk.img" "$place/disk"
  mkdir -p "$place"/disk/{up,work}
  mountpoint -q "$place/root" || mount -t overlay overlay -o "lowerdir=$base,upperdir=$place/disk/up,workdir=$place/disk/work" "$place/root"
  umount -l "/run/systemd/nspawn/unix-export/egide$number" 2>/dev/null || true; rm -rf "/run/systemd/nspawn/unix-export/egide$number"
  echo "egide$number" >"$place/root/etc/hostname"
  ip link set "egide7v$number" up
  (
    # What it writes can be held back by this group alone.
    [ ! -e "${blkio%/*}" ] || { mkdir -p "$blkio"; echo $BASHPID >"$blkio/cgroup.procs"; }
    [ ! -e $memory ] || { mkdir -p "$memory/egide7-$number"; echo $BASHPID >"$memory/egide7-$number/cgroup.procs"; }
    exec setsid systemd-nspawn --quiet --register=no --keep-unit --machine="egide$number" --network-namespace-path="/run/netns/egide7-$number" -b \
      --bind="$home/shared/stick:/media/stick" --bind="$home/shared/second:/var/lib/egide-second" \
      --bind="$home/shared/pgbackrest:/var/lib/pgbackrest" -D "$place/root"
  ) </dev/null >"$place/console.log" 2>&1 &
  echo $! >"$place/pid"
  for ((i = 0; i < 600; i++)); do
    [ -n "$(inner)" ] && run_in systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && return 0
    sleep 0.2
  done
  echo "the machine did not boot: $place/console.log" >&2; return 1
}
up() {
  image
  mkdir -p "$place"
  [ -z "${DISK_MB:-}" ] || [ -e "$place/disk.img" ] || { truncate -s "${DISK_MB}M" "$place/disk.img"; mkfs.ext4 -q "$place/disk.img"; }
  ip link show $bridge >/dev/null 2>&1 || { ip link add $bridge type bridge; ip addr add $net.254/24 dev $bridge; ip link set $bridge up; }
  ip netns list | grep -q "^egide7-$number\b" || {
    local space=egide7-$number
    ip netns add "$space"; ip link add "egide7v$number" type veth peer name eth0 netns "$space"; ip link set "egide7v$number" master $bridge up
    ip -n "$space" addr add "$net.$number/24" dev eth0; ip -n "$space" link set eth0 up; ip -n "$space" link set lo up; }
  boot
}
fill() {
  local room; room=$(df --output=avail -B1 "$place/disk" | tail -1)
  fallocate -l $((room > 16777216 ? room - 16777216 : 1)) "$place/disk/filler"
  dd if=/dev/zero of="$place/disk/filler.rest" bs=64k 2>/dev/null || true   # what files take beside their bytes
}
slow() { echo "$(mountpoint -d "$place/disk") $1" >"$blkio/blkio.throttle.write_iops_device"; }
halt() {
  # A machine without power says nothing more: its kernel, which stays here, would end every connection politely.
  ip link set "egide7v$number" down 2>/dev/null || true
  local leader; leader=$(cat "$place/pid" 2>/dev/null) || return 0
  kill -9 $(inner) "$leader" 2>/dev/null || true
  for ((i = 0; i < 50; i++)); do kill -0 "$leader" 2>/dev/null || break; sleep 0.1; done
  ! mountpoint -q "$place/disk" || {
    umount -l "$place/root"
    for ((i = 0; i < 50; i++)); do umount "$place/disk" 2>/dev/null && return 0; sleep 0.2; done
    echo "somebody still uses the disk: $place/disk" >&2; return 1
  }
}
destroy() {
  halt; umount -l "$place/root" 2>/dev/null || true; umount -l "$place/disk" 2>/dev/null || true; rm -rf "$place"
  ip netns del "egide7-$number" 2>/dev/null || true; ip link del "egide7v$number" 2>/dev/null || true
}
down() {
  for place in "$home"/m[1-9]; do [ ! -d "$place" ] || { number=${place##*m}; destroy; }; done
  rm -rf "$home/shared"; ip link del $bridge 2>/dev/null || true
}
case $verb in
  cut) ip link set "egide7v$number" down ;; heal) ip link set "egide7v$number" up ;; slow) slow "$1" ;;
  fill) fill ;; free) rm -f "$place"/disk/filler* ;;
  image) image "$@" ;; up) up ;; sh) run_in "$@" ;; boot) boot ;; kill) halt ;; destroy) destroy ;; down) down ;;
  *) sed -n '2,17s/^# \?//p' "$0" ;;
esac
