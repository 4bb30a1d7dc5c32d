// An item's function, called with the optional checks around it.
//
// Off the hot path: Worker comes here only while Checks.Any. The item may be gone
// once its function has been called, so whatever a check needs of it is read before.

using System.Runtime.CompilerServices;

namespace Wq.Core;

internal static unsafe class CheckedRun
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run(Worker* worker, Work* work, delegate* unmanaged<Work*, void> func)
    {
        if (!Checks.IsOn(Checks.Lockdep) || Flush.IsBarrier(func))
        {
            func(work);
            return;
        }
        Workqueue* wq = worker->Pool->Wq;
        LockdepRun run = Lockdep.BeginRun(wq, func);
        func(work);
        Lockdep.EndRun(run, wq, func);
    }
}
