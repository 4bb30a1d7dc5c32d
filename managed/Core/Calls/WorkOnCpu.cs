// SPDX-License-Identifier: GPL-2.0-only
// Calling a function on a given CPU, and waiting for what it returns.
//
// The call is an item on the caller's stack, on a queue of shared pools that the first call
// makes. A worker that waits here for another item of its own pool says so, as in every wait
// of the library, and another worker goes on: so calls nest. The item completes the caller
// last of all, whose stack goes with that.
// Locks: none. Kernel counterpart: work_on_cpu.

global using unsafe CpuFunc = delegate* unmanaged[SuppressGCTransition]<void*, nint>;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe struct WorkForCpu
{
    public Work Work; // First: the item's address is the call's.
    public CpuFunc Func;
    public void* Argument;
    public nint Result;
    public Completion Done;
}

internal static unsafe class WorkOnCpu
{
    private static nuint s_queue; // A: a Workqueue, stored once

    private static WorkFunc Function => (WorkFunc)(delegate*<Work*, void>)&CallForCpu;

    /// <summary>Calls <paramref name="func"/> on an item's worker of <paramref name="cpu"/>. Blocks.</summary>
    /// <param name="result">What it returned.</param>
    /// <returns>EINVAL if there is no such CPU, ENODEV if it is not online, ENOMEM.</returns>
    public static Errno Run(int cpu, CpuFunc func, void* argument, out nint result)
    {
        result = 0;
        Workqueue* wq = Ensure();
        if (wq == null)
        {
            return Errno.ENOMEM;
        }
        if ((uint)cpu >= (uint)Cpus.NrPossible)
        {
            return Errno.EINVAL;
        }
        if (!Cpus.IsOnline(cpu))
        {
            return Errno.ENODEV;
        }
        PoolWorkqueue* pwq = Queue.LinkOn(wq, cpu);
        return pwq->Cpu == cpu ? Run(wq, pwq, func, argument, out result) : Errno.ENOMEM; // No room for a link: another serves.
    }

    /// <summary>In a forked child: the queue is still to be made.</summary>
    public static void Abandon() => s_queue = 0;

    private static Errno Run(Workqueue* wq, PoolWorkqueue* pwq, CpuFunc func, void* argument, out nint result)
    {
        result = 0;
        if (Checks.IsOn(Checks.Debug))
        {
            WaitCheck.BeforeCall(WaitCall.WorkOnCpu);
        }
        WorkForCpu call;
        Watcher.Ignore(&call, sizeof(WorkForCpu));
        Work.Init(&call.Work, Function);
        call.Func = func;
        call.Argument = argument;
        Completion.Init(&call.Done);
        if (!Queue.QueueWorkOn(pwq->Cpu, wq, &call.Work))
        {
            return Errno.EINVAL; // It has been reported.
        }
        WorkerPool.AwaitWorker(pwq->Pool, &call.Done);
        Stall.Wait(&call.Done, pwq->Pool, WorkerPool.HolderOf(pwq->Pool, work: null), WaitCall.WorkOnCpu, func);
        Watcher.Acquire(&call.Done);
        result = call.Result;
        return Errno.None;
    }

    // Null if there is no memory.
    private static Workqueue* Ensure()
    {
        if (!Engine.EnsureReady())
        {
            return null;
        }
        nuint* place = Address.Of(ref s_queue);
        Workqueue* wq = (Workqueue*)Atomic.Load(place);
        return wq != null ? wq : MakeSlow(place);
    }

    private static Workqueue* MakeSlow(nuint* place)
    {
        fixed (byte* name = "work_on_cpu"u8)
        {
            Workqueue* wq = Alloc.AllocWorkqueue(name, WqFlags.PerCpu, Alloc.MaxActive, out _);
            if (wq != null && Atomic.CompareExchange(place, (nuint)wq, 0) != 0)
            {
                Destroy.DestroyWorkqueue(wq); // Another thread was first.
            }
        }
        return (Workqueue*)Atomic.Load(place);
    }

    private static void CallForCpu(Work* work)
    {
        WorkForCpu* call = (WorkForCpu*)work;
        Worker.NameRun(call->Func);
        call->Result = call->Func(call->Argument);
        Watcher.Release(&call->Done);
        Completion.Complete(&call->Done);
    }
}
