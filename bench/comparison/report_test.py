import json
import pathlib
import tempfile
import unittest
import xml.etree.ElementTree

from comparison import charts, report, rounds
from comparison.report import Measure, Must, Row


def row(heddle, envoy, haproxy=(), must=None, metric="CPU per request", unit="us of CPU"):
    return Row("a work", metric, unit, {"heddle": heddle, "envoy": envoy, "haproxy": haproxy}, must)


class ReportTest(unittest.TestCase):
    def test_the_ratio_is_the_median_of_the_ratios_of_each_round(self):
        # The machine was twice as slow in the second round, for both.
        self.assertEqual(row([10, 20, 11], [20, 40, 20]).ratio("envoy"), 0.5)

    def test_there_is_no_ratio_to_nothing(self):
        self.assertIsNone(row([10], [0]).ratio("envoy"))
        self.assertIsNone(row([10], [20]).ratio("haproxy"))

    def test_rounds_must_be_the_same(self):
        with self.assertRaises(ValueError):
            row([10, 11], [20]).ratio("envoy")

    def test_musts(self):
        for must, met in (
            (Must(0.5, at_most=True), True),
            (Must(0.49, at_most=True), False),
            (Must(0.5, at_most=False), True),
            (Must(2, at_most=False, measure=Measure.RATIO_TO_HAPROXY), True),
            (Must(9, at_most=True, measure=Measure.VALUE), False),
            (Must(10, at_most=True, measure=Measure.VALUE), True),
        ):
            with self.subTest(str(must)):
                self.assertIs(must.met(row([10], [20], [5])), met)

    def test_what_cannot_be_told_is_neither_met_nor_failed(self):
        self.assertIsNone(Must(1, at_most=True).met(row([10], [])))

    def test_the_json_has_the_keys_that_others_read(self):
        with tempfile.TemporaryDirectory() as folder:
            report.write([row([10, 12], [20, 20], must=Must(0.7, at_most=True))], {"machine": {"processors": 2}}, pathlib.Path(folder))
            (written,) = json.loads((pathlib.Path(folder) / "report.json").read_text())
        self.assertEqual(
            written,
            {
                "work": "a work", "metric": "CPU per request", "unit": "us of CPU", "heddle": 11.0, "envoy": 20.0, "haproxy": None,
                "ratio_to_envoy": 0.55, "ratio_to_haproxy": None, "must": "<= 0.7 of Envoy", "met": True,
                "spread": {"heddle": [10.0, 12.0], "envoy": [20.0, 20.0]}, "rounds": 2,
            },
        )  # fmt: skip

    def test_the_table_says_what_was_not_reached(self):
        self.assertIn("**no**", report.markdown([row([10], [10], must=Must(0.7, at_most=True))], {}))

    def test_charts_are_well_formed(self):
        with tempfile.TemporaryDirectory() as folder:
            written = charts.write([row([10], [20], [9], must=Must(0.7, at_most=True)), row([1], [1], unit="<s>")], pathlib.Path(folder))
            self.assertEqual([file.name for file in written], ["performance-ratios.svg", "performance-cpu.svg"])
            for file in written:
                xml.etree.ElementTree.parse(file)


class RoundsTest(unittest.TestCase):
    def test_another_goes_first_each_round(self):
        order = []
        rounds.alternate({name: lambda name=name: order.append(name) or {"x": 1.0} for name in "abc"}, 3, "test")
        self.assertEqual("".join(order), "abc" "bca" "cab")


if __name__ == "__main__":
    unittest.main()
