// SPDX-License-Identifier: GPL-2.0-only
using System;
using Xunit;

namespace Workqueues.Tests;

/// <summary>A test that is skipped, and says so, where the process may run on one CPU only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactOnSeveralCpusAttribute : FactAttribute
{
    public FactOnSeveralCpusAttribute()
    {
        if (Environment.ProcessorCount < 2)
            Skip = "The process may run on one CPU only, and that cannot be taken out.";
    }
}
