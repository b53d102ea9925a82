"""What Heddle's processes on this machine cost."""

import pathlib
import re

from demo.cluster import Cluster
from demo.shell import table

NAMES = {"operator": "heddle-operator", "ca": "heddle-ca", "smiadapter": "heddle-smi-adapter", "dataplane": "heddle-proxy"}


def memory(cluster: Cluster) -> str:
    """A table of the resident and the private memory of each process of the cluster, as the kernel counts it."""
    pods = {pod["metadata"]["name"] for pod in cluster.pods()}
    rows = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            main = re.search(r"dev\.heddle\.(\w+)\.Main", (process / "cmdline").read_text().replace("\0", " "))
            if not main:
                continue
            host = re.search(r"(?:^|\0)HOSTNAME=([^\0]*)", (process / "environ").read_text())
            rollup = dict(re.findall(r"^(\w+):\s+(\d+) kB", (process / "smaps_rollup").read_text(), re.MULTILINE))
        except OSError:
            continue  # ended meanwhile, or not ours to read
        if host and host.group(1) in pods:
            private = int(rollup["Private_Clean"]) + int(rollup["Private_Dirty"])
            rows.append((NAMES[main.group(1)], host.group(1), f"{int(rollup['Rss']) / 1024:.0f} MB", f"{private / 1024:.0f} MB"))
    order = list(NAMES.values())
    return table(("process", "pod", "resident", "private"), sorted(rows, key=lambda row: (order.index(row[0]), row[1])), right=(2, 3))
