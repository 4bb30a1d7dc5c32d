// SPDX-License-Identifier: GPL-2.0-only
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Workqueues.Bench;

if (args is ["submit"])
{
    SubmitCost.Run();
    return;
}

// In the process itself: a generated project would not find the library, nor build without a source of packages.
IConfig config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
    .WithOptions(ConfigOptions.JoinSummary);
BenchmarkSwitcher.FromAssembly(typeof(QueueBenchmarks).Assembly).Run(args, config);
