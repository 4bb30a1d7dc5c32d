// SPDX-License-Identifier: GPL-2.0-only
// All scenarios there are, in the order they are run.

using System.Collections.Generic;

namespace Wq.Sim;

internal static class Scenarios
{
    public static readonly IReadOnlyList<Scenario> All =
        [.. ItemScenarios.All, .. FlushScenarios.All, .. DrainScenarios.All, .. DisableScenarios.All, .. QueueScenarios.All, .. ModScenarios.All,
            .. HotplugScenarios.All, .. SharedScenarios.All, .. IncomingScenarios.All, .. SharedCpuScenarios.All, .. RescueScenarios.All,
            .. TimeScenarios.All,
            new GeneratedScenario("program", "random programs, a new one every 64 seeds", Generator.Classic),
            new GeneratedScenario("shared_program", "the same of queues on shared pools", Generator.Shared)];

    public static Scenario? Find(string name)
    {
        foreach (Scenario scenario in All)
        {
            if (scenario.Name == name)
            {
                return scenario;
            }
        }
        return null;
    }
}
