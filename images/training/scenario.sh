# What the training scenarios share; read by them, not run.
set -euo pipefail

ip link set lo up

# Runs the process that is trained in the background, its output in the scenario's.
start() {
  "$@" &
  trained=$!
}

# Waits at most 60 s until a URL answers 2xx, or fails when the trained process ends before.
await() {
  local url=$1 deadline=$((SECONDS + 60))
  until fetch "$url" >/dev/null 2>&1; do
    if ! kill -0 "$trained" 2>/dev/null; then
      echo "the process ended before $url answered" >&2
      return 1
    fi
    if ((SECONDS > deadline)); then
      echo "$url did not answer within 60 s" >&2
      return 1
    fi
    sleep 0.2
  done
}

fetch() {
  python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=5).read())' "$1"
}

# Asks the process to end as Kubernetes does; it then writes its cache. 143 is how a JVM that SIGTERM ended exits.
finish() {
  kill -TERM "$trained"
  local status=0
  wait "$trained" || status=$?
  if ((status != 0 && status != 143)); then
    echo "the process ended with status $status" >&2
    return 1
  fi
}

# Starts the stand-in of the API server with the objects of some files, and lets KUBECONFIG name it.
start_kubernetes() {
  "$STANDIN" -folder "$SCRATCH" "$@" 2>"$SCRATCH/kubernetes.log" &
  local deadline=$((SECONDS + 10))
  until [[ -e $SCRATCH/kubeconfig ]]; do
    if ((SECONDS > deadline)); then
      echo "the stand-in of the API server did not start within 10 s: $(cat "$SCRATCH/kubernetes.log")" >&2
      return 1
    fi
    sleep 0.1
  done
  export KUBECONFIG=$SCRATCH/kubeconfig
}

# ask_kubernetes METHOD PATH: does it at the stand-in, prints the answer; fails unless it is 2xx.
ask_kubernetes() {
  python3 - "$KUBECONFIG" "$1" "$2" <<'PYTHON'
import json, ssl, sys, urllib.request
server = json.load(open(sys.argv[1]))["clusters"][0]["cluster"]["server"]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
request = urllib.request.Request(server + sys.argv[3], method=sys.argv[2])
print(urllib.request.urlopen(request, timeout=5, context=context).read().decode())
PYTHON
}

# Waits at most 60 s until an object exists.
await_kubernetes() {
  local deadline=$((SECONDS + 60))
  until ask_kubernetes GET "$1" >/dev/null 2>&1; do
    if ((SECONDS > deadline)); then
      echo "$1 did not come within 60 s; the last that was asked of the stand-in:" >&2
      tail -n 20 "$SCRATCH/kubernetes.log" >&2
      return 1
    fi
    sleep 0.2
  done
}
