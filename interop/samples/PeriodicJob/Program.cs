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

    private static async Task Main(string[] args)
    {
        TimeSpan period = TimeSpan.FromMilliseconds(
            args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000);
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
        job.Start(queue, period);
        await terminated.Task;
        await job.StopAsync();
        Console.WriteLine($"stopped: {begun} begun, {finished} finished");
    }
}
