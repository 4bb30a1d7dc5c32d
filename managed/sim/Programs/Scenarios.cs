// SPDX-License-Identifier: GPL-2.0-only
// All scenarios there are, in the order they are run.

using System.Collections.Generic;

namespace Wq.Sim;

internal static class Scenarios
{
    public static readonly IReadOnlyList<Scenario> All =
        [.. ItemScenarios.All, .. FlushScenarios.All, .. DrainScenarios.All, .. DisableScenarios.All, .. QueueScenarios.All, .. ModScenarios.All,
            .. HotplugScenarios.All, .. SharedScenarios.All, new GeneratedScenario()];

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
