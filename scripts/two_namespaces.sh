#!/usr/bin/env bash
# Train with two workers in two network namespaces of this machine, joined by a virtual Ethernet pair.
# Needs root and iproute2. Run the stages before train first.
# bash scripts/two_namespaces.sh quick --set train.epochs=1
set -euo pipefail
cd "$(dirname "$0")/.."

python="${PYTHON:-python}" first=dist_first second=dist_second
export DMLC_PS_ROOT_URI=10.77.0.1 DMLC_PS_ROOT_PORT=9091 DMLC_NUM_WORKER=2 DMLC_NUM_SERVER=1
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" TQDM_DISABLE=1

clean() {
    for process in $(jobs -p); do kill -9 "$process" 2>/dev/null || true; done
    for space in "$first" "$second"; do ip netns delete "$space" 2>/dev/null || true; done
}
trap clean EXIT
ip netns add "$first"
ip netns add "$second"
ip -n "$first" link add cable type veth peer name cable netns "$second"
ip -n "$first" address add 10.77.0.1/24 dev cable
ip -n "$second" address add 10.77.0.2/24 dev cable
for space in "$first" "$second"; do ip -n "$space" link set cable up; ip -n "$space" link set lo up; done

start() { # ROLE NAMESPACE ADDRESS ARGUMENTS...
    local role=$1 space=$2 address=$3
    shift 3
    DMLC_ROLE=$role DMLC_NODE_HOST=$address ip netns exec "$space" "$python" scripts/train.py "$@" &
}
start scheduler "$first" 10.77.0.1 "$@"
start server "$first" 10.77.0.1 "$@"
start worker "$first" 10.77.0.1 "$@"
start worker "$second" 10.77.0.2 "$@"
for _ in 1 2 3 4; do wait -n; done
echo "$(ip netns exec "$second" cat /proc/net/dev | awk '/cable/ {print $2 + $10}') bytes transferred"
