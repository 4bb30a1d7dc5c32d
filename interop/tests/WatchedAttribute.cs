// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Reflection;
using System.Threading;
using Xunit.Sdk;

namespace Workqueues.Tests;

/// <summary>Makes a hang a failure: a test that takes too long ends the process with the test's name.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WatchedAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(150); // A busy machine may need one.

    private Timer? _timer;

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest)
    {
        string name = $"{methodUnderTest.DeclaringType!.Name}.{methodUnderTest.Name}";
        _timer = new Timer(_ => Environment.FailFast($"{name} hangs"), null, s_limit, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest) => _timer!.Dispose();
}
