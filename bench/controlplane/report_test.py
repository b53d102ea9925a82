import json
import pathlib
import tempfile
import unittest
import xml.etree.ElementTree

from controlplane import charts, measurements, quantiles, report
from controlplane.report import Point, judged

GROWING = [
    Point(100, 1000, 100, 4.0, 3.0, 200),
    Point(300, 1200, 100, 4.0, 3.0, 210),
    Point(1000, 1900, 100, 6.0, 3.0, 230),
    Point(1000, 4600, 100, 6.0, 3.0, 260),
    Point(1000, 10000, 100, 6.0, 3.0, 300),
    Point(1000, 10000, 300, 6.0, 3.3, 330),
    Point(1000, 10000, 1000, 6.0, 3.6, 400),
]


class ReportTest(unittest.TestCase):
    def test_the_json_has_the_keys_that_others_read(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = [judged("a split", "p99", "ms", 120.04, must=300, aim=50), judged("a split", "p50", "ms", 12)]
            report.write(rows, GROWING, {"machine": {"processors": 2}}, pathlib.Path(folder))
            written = json.loads((pathlib.Path(folder) / "control-plane-report.json").read_text())
        self.assertEqual(
            written,
            [
                {"work": "a split", "metric": "p99", "unit": "ms", "heddle": 120.0, "must": "<= 300", "aim": "<= 50", "met": True, "aim_met": False},
                {"work": "a split", "metric": "p50", "unit": "ms", "heddle": 12.0, "must": None, "aim": None, "met": None, "aim_met": None},
            ],
        )

    def test_nothing_sent_again_is_a_bound_that_can_be_met(self):
        for value, met in ((0, True), (1, False)):
            with self.subTest(value):
                self.assertIs(judged("reconnect", "resources sent again", "", value, must=0).json()["met"], met)

    def test_the_table_says_what_was_not_reached(self):
        self.assertIn("**no**", report.markdown([judged("a", "b", "c", 2, must=1)], [], {}))


class ChartsTest(unittest.TestCase):
    def test_a_dimension_has_the_points_that_differ_in_nothing_else(self):
        for dimension, expected in (("services", GROWING[:3]), ("endpoints", GROWING[2:5]), ("proxies", GROWING[4:])):
            with self.subTest(dimension):
                self.assertEqual(charts.along(GROWING, dimension), expected)

    def test_charts_are_well_formed(self):
        for points in (GROWING, GROWING[:1], []):
            with self.subTest(len(points)), tempfile.TemporaryDirectory() as folder:
                written = charts.write(points, pathlib.Path(folder))
                self.assertEqual([file.name for file in written], ["control-plane-growth-cpu.svg", "control-plane-growth-memory.svg"])
                for file in written:
                    xml.etree.ElementTree.parse(file)


class MeasurementsTest(unittest.TestCase):
    def test_growth_is_of_the_last_to_the_first(self):
        split, slices = measurements.growth(GROWING, "services")
        self.assertEqual((split.json()["heddle"], slices.json()["heddle"]), (1.5, 1.0))
        self.assertEqual(split.json()["work"], "100 to 1,000 services")


class QuantilesTest(unittest.TestCase):
    def test_nearest_rank(self):
        hundred = [float(value) for value in range(100, 0, -1)]
        for share, expected in ((0, 1), (0.5, 50), (0.99, 99), (1, 100)):
            with self.subTest(share):
                self.assertEqual(quantiles.quantile(hundred, share), expected)
        self.assertEqual(quantiles.quantile([7.0], 0.99), 7)

    def test_of_nothing(self):
        with self.assertRaises(ValueError):
            quantiles.quantile([], 0.5)

    def test_thirds_keep_the_order(self):
        self.assertEqual(quantiles.thirds([5, 1, 4, 2, 3, 6, 0]), ([5, 1], [6, 0]))
        self.assertEqual(quantiles.thirds([5]), ([5], [5]))


if __name__ == "__main__":
    unittest.main()
