import unittest

from training.kubernetes import environment, patched
from training.processes import Failed


class PatchTest(unittest.TestCase):
    def test_adds_members_and_elements(self) -> None:
        pod = {"metadata": {"annotations": {"a": "1"}}, "spec": {"containers": ["app"]}}
        result = patched(
            pod,
            [
                {"op": "add", "path": "/metadata/annotations/heddle.dev~1injected", "value": "x"},
                {"op": "add", "path": "/spec/containers/0", "value": "first"},
                {"op": "add", "path": "/spec/containers/-", "value": "last"},
            ],
        )
        self.assertEqual(result["metadata"]["annotations"], {"a": "1", "heddle.dev/injected": "x"})
        self.assertEqual(result["spec"]["containers"], ["first", "app", "last"])
        self.assertEqual(pod["spec"]["containers"], ["app"])

    def test_refuses_what_it_does_not_understand(self) -> None:
        with self.assertRaisesRegex(Failed, "remove"):
            patched({}, [{"op": "remove", "path": "/a"}])


class EnvironmentTest(unittest.TestCase):
    def test_takes_values_and_fields(self) -> None:
        class Kubernetes:
            host, port = "10.0.0.1", 6443

        pod = {"metadata": {"name": "web-0"}}
        container = {"env": [{"name": "A", "value": "$$(B)"}, {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}
        values = environment(container, pod, Kubernetes())
        self.assertEqual((values["A"], values["POD"], values["KUBERNETES_SERVICE_PORT"]), ("$(B)", "web-0", "6443"))


if __name__ == "__main__":
    unittest.main()
