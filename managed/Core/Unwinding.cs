// SPDX-License-Identifier: GPL-2.0-only
// The process ends here if something unwinds the stack of one of the library's threads: a
// C++ exception that left a work function, or pthread_exit() in a work function.
//
// The engine cannot be unwound: the items in hand would be lost, and threads that wait for
// them would wait for ever. The C frame below the engine's frames (native/glue/thread.c) is
// asked by the unwinder, and calls here, on the stack of the function that threw or ended
// its thread. The report names that function.
// No locks. No kernel counterpart: there, nothing unwinds.

using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe class Unwinding
{
    /// <summary>Makes every unwinding reported. Before the first thread is made.</summary>
    public static void Watch() => Guard.OnUnwind(&ReportAndAbort);

    private static void ReportAndAbort(int byException)
    {
        Worker* worker = Worker.CurrentWorker;
        void* workFunction = worker != null ? Worker.FuncOf(worker) : null;
        void* timerFunction = worker == null ? TimerBase.FunctionOfCaller() : null;
        Report report = default;
        report.Text("BUG: workqueue: "u8);
        report.Text(byException != 0 ? "an exception has left "u8 : "pthread_exit() or a cancellation in "u8);
        report.Text(workFunction != null ? "work function "u8 : timerFunction != null ? "timer function "u8
            : "a function of a worker"u8);
        if (workFunction != null || timerFunction != null)
        {
            Bug.AppendSymbol(ref report, workFunction != null ? workFunction : timerFunction);
        }
        report.Text(": it must return"u8);
        Bug.Die(ref report);
    }
}
