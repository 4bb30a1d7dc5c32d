# SPDX-License-Identifier: GPL-2.0-only
"""What has been measured, and what went wrong."""


class Results:
    def __init__(self):
        self.rows = {}  # {(workload, case, metric): {driver: [one value per round]}}
        self.failures = {}  # {(workload, driver): "hangs" or "fails: ..."}

    def add(self, line):
        row = self.rows.setdefault((line["workload"], line["case"], line["metric"]), {})
        row.setdefault(line["driver"], []).append(line["median"])

    def fail(self, workload, driver, wrong):
        self.failures[workload, driver] = wrong

    def failed(self, workload):
        """{driver: what went wrong}"""
        return {driver: wrong for (of, driver), wrong in self.failures.items() if of == workload}

    def has(self, workload):
        return bool(self.failed(workload)) or any(key[0] == workload for key in self.rows)

    def derive(self):
        """Arming and cancelling belong together: cheap at one is often dear at the other."""
        for key in [k for k in self.rows if k[2] in ("arm_ns", "arm_all_ns")]:
            workload, case, metric = key
            cancels = self.rows.get((workload, case, metric.replace("arm", "cancel")), {})
            self.rows[workload, case, metric.replace("arm", "arm_and_cancel")] = {
                driver: [a + c for a, c in zip(arms, cancels[driver])]
                for driver, arms in self.rows[key].items() if driver in cancels}
        for metric in ("arm_and_cancel", "arm_and_cancel_all"):
            few = self.rows.get(("W5", "1000", f"{metric}_ns"), {})
            many = self.rows.get(("W5", "1000000", f"{metric}_ns"), {})
            ratios = {driver: [m / f for m, f in zip(many[driver], few[driver])]
                      for driver in many if driver in few}
            if ratios:
                self.rows["W5", "1000000 over 1000", f"{metric}_ratio"] = ratios
