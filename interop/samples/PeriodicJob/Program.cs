// SPDX-License-Identifier: GPL-2.0-only
//
// PeriodicJob [PERIOD_MS]: a service that does something at a fixed rate and ends in order. On SIGTERM the run that is
// under way is told by its token and finishes, no other begins, and the process exits with 0.
using System;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace Workqueues.Samples;

internal static class Program
{
    private const int StepsPerRun = 10;

    private static async Task<int> Main(string[] args)
    {
        int periodMs = 1000;
        if (args.Length > 0
            && (!int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out periodMs) || periodMs == 0))
        {
            Console.Error.WriteLine("usage: PeriodicJob [PERIOD_MS]");
            return 2;
        }
        TaskCompletionSource terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true; // the program ends by itself, in order
            terminated.TrySetResult();
        });

        int begun = 0, finished = 0;
        await using Workqueue queue = Workqueue.CreateSingleThread("job");
        await using PeriodicWorkItem job = new(token =>
        {
            Console.WriteLine($"run {++begun} begins");
            for (int step = 0; step < StepsPerRun && !token.IsCancellationRequested; step++)
                token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1));
            Console.WriteLine($"run {++finished} ends");
        });
        job.Failed += (_, e) => Console.Error.WriteLine(e.Exception);
        job.Start(queue, TimeSpan.FromMilliseconds(periodMs));
        await terminated.Task;
        await job.StopAsync();
        Console.WriteLine($"stopped: {begun} begun, {finished} finished");
        return 0;
    }
}
