import json
import pathlib
import unittest

from comparison import bootstrap, haproxy
from comparison.certificates import Identity
from comparison.task import Destination, Protocol, Task

ROOT = pathlib.Path("/root.crt")
CLIENT, SERVER = (
    Identity(f"spiffe://cluster.local/ns/bench/sa/{name}", pathlib.Path(f"/{name}.crt"), pathlib.Path(f"/{name}.key"), pathlib.Path(f"/{name}.pem"))
    for name in ("client", "server")
)


class BootstrapTest(unittest.TestCase):
    def test_the_same_task_is_the_same_file(self):
        task = Task(1, Destination({2: 90, 3: 10}, Protocol.HTTP1))
        self.assertEqual(bootstrap.of(task, 4, ROOT), bootstrap.of(task, 4, ROOT))

    def test_a_split_has_a_cluster_for_each_version(self):
        made = bootstrap.of(Task(1, Destination({2: 90, 3: 10}, Protocol.HTTP1)), 4, ROOT)["static_resources"]
        self.assertEqual([cluster["name"] for cluster in made["clusters"]], ["v0", "v1"])
        self.assertIn('"clusters": [{"name": "v0", "weight": 90}, {"name": "v1", "weight": 10}]', json.dumps(made["listeners"]))

    def test_the_client_verifies_the_one_that_it_means(self):
        made = json.dumps(bootstrap.of(Task(1, Destination({2: 1}, Protocol.HTTP2, SERVER), CLIENT), 4, ROOT))
        self.assertIn('"match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "spiffe://cluster.local/ns/bench/sa/server"}}]', made)
        self.assertIn("/client.key", made)

    def test_the_server_lets_only_the_caller_in(self):
        made = json.dumps(bootstrap.of(Task(1, Destination({2: 1}, Protocol.HTTP1), SERVER, CLIENT), 4, ROOT))
        self.assertIn('"principal_name": {"exact": "spiffe://cluster.local/ns/bench/sa/client"}', made)
        self.assertIn('"require_client_certificate": true', made)

    def test_haproxy_does_the_same(self):
        made = haproxy.configuration(Task(1, Destination({2: 90, 3: 10}, Protocol.HTTP2, SERVER), CLIENT, None), 2, 20_000, ROOT)
        self.assertIn("nbthread 2", made)
        self.assertIn("server v0 127.0.0.1:2 weight 90 ssl crt /client.pem ca-file /root.crt verify required alpn h2", made)


if __name__ == "__main__":
    unittest.main()
