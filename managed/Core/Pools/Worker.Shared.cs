// SPDX-License-Identifier: GPL-2.0-only
// What is different for a worker that others share its pool with.
//
// It can be called: then it takes the pool's lock after its item, before it comes to the
// next. Called and Current are one protocol, like Waited: the worker stores Current = 0 and
// then looks whether it was called; the other side calls, makes a heavy fence, and then
// looks at Current and at the batch. So after the fence the worker comes to one more
// slot at most, and only if it was between two items.
//
// Locks: the pool's, where marked L. Kernel counterparts: wq_worker_sleeping,
// wq_worker_running, find_worker_executing_work's other half.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct Worker
{
    private const long HogNs = 10_000_000; // cpu_intensive_thresh_us

    /// <summary>The worker with that number, which an item's word has.</summary>
    public static Worker* Of(nuint runner) => (Worker*)TypeStable.At(Slots, runner);

    /// <summary>Of the worker with that number, if it is inside the function of <paramref name="work"/>; else null.</summary>
    // A number of any age may be asked for.
    public static Worker* AtItem(nuint runner, Work* work)
    {
        Worker* worker = (Worker*)TypeStable.At(Slots, runner);
        return worker != null && (Atomic.Load(&worker->_current) & ~Claiming) == (nuint)work ? worker : null;
    }

    /// <summary>The link that an item's word names; if it names a worker, that of the run the worker is at, or null if that is over.</summary>
    public static PoolWorkqueue* LastPwq(Work* work, WorkWord word)
    {
        if (!word.IsByWorker)
        {
            return PoolWorkqueue.Of(word);
        }
        return PwqOfRun(word.Number, work);
    }

    /// <summary>The link of the run that the worker with that number is at of <paramref name="work"/>; null if it is at none.</summary>
    public static PoolWorkqueue* PwqOfRun(nuint runner, Work* work)
    {
        Backoff backoff = default;
        Worker* worker;
        while ((worker = AtItem(runner, work)) != null && IsClaiming(worker))
        {
            backoff.Pause(); // A few instructions, then it says which link it is at.
        }
        return worker != null ? CurrentPwq(worker) : null;
    }

    /// <summary>Has the worker take its pool's lock after its item.</summary>
    public static void Call(Worker* worker) => Atomic.Or(&worker->_attention, Called);

    /// <summary>The slot after those of the batch whose items have ended. Context: pool->Lock held.</summary>
    // Exact if the worker was called: it may come to one item more, and if that is so while we look, we look again. Else it may
    // be too few. An item is current before its slot is passed, so the moment between is waited out.
    public static uint EndOfRuns(Worker* worker)
    {
        Backoff backoff = default;
        while (true)
        {
            nuint current = Atomic.Load(&worker->_current);
            uint head = Batch.Head(&worker->Batch);
            bool isSure = (current & Claiming) == 0 && Atomic.Load(&worker->_current) == current;
            if (isSure)
            {
                return current == 0 ? head : head - 1;
            }
            backoff.Pause();
        }
    }

    /// <summary>May this worker, which is the caller, run the item: is no other one inside its function?</summary>
    public static bool MayRun(Worker* worker, Work* work)
    {
        nuint runner = Work.WordOf(work).Runner;
        return runner == 0 || runner == worker->Runner || AtItem(runner, work) == null;
    }

    /// <summary>Is the worker, which is the caller or is asked for a report, at an item of that link?</summary>
    public static bool IsAtItemOf(Worker* worker, PoolWorkqueue* pwq) => worker->_claimed.Link.Bits == pwq->Word.Bits;

    /// <summary>Gives the worker an item whose function it is in. False if it has left it meanwhile. L:</summary>
    public static bool TrySchedule(Worker* worker, Work* work)
    {
        Contract.RequiresHeld(&worker->Pool->Lock);
        ListHead.Add(&work->Entry, worker->Scheduled.Prev);
        Call(worker);
        Membarrier.Heavy(); // Pairs with Light in ProcessOneWork.
        if (AtItem(worker->Runner, work) == worker)
        {
            return true;
        }
        ListHead.DelInit(&work->Entry);
        return false;
    }

    /// <summary>IsIdle, or it is inside a barrier. Context: pool->Lock held.</summary>
    public static bool IsIdleButForBarrier(Worker* worker)
    {
        if (Batch.First(&worker->Batch) != null)
        {
            return false;
        }
        nuint current = Atomic.Load(&worker->_current); // After the batch: an item is current before it leaves that.
        return current == 0
            || ((current & Claiming) == 0 && worker->_frames == null && WqBarrier.IsFunctionOfOne(worker->_func)
                && Atomic.Load(&worker->_current) == current);
    }

    /// <summary>Is the worker on its way into or out of an item?</summary>
    public static bool IsClaiming(Worker* worker) => (Atomic.Load(&worker->_current) & Claiming) != 0;

    /// <summary>
    /// Is the worker inside a function? If not it is between two items, and may come to one more. Context: pool->Lock held, and
    /// the worker was called.
    /// </summary>
    // One look decides: by the next one the worker may be claiming the item that it comes to.
    public static bool IsInFunction(Worker* worker)
    {
        Backoff backoff = default;
        nuint current;
        while (((current = Atomic.Load(&worker->_current)) & Claiming) != 0)
        {
            backoff.Pause(); // A few instructions.
        }
        return current != 0;
    }

    /// <summary>
    /// How the worker gets on since the last look. It is stuck if it has hardly run and sleeps now, or has run for so long that
    /// others are not to wait for it. Context: pool->Lock held.
    /// </summary>
    public static LookResult LookAt(Worker* worker)
    {
        Contract.RequiresHeld(&worker->Pool->Lock);
        LastLook last = worker->_look;
        nuint current = Atomic.Load(&worker->_current); // Before the head: then the head is not behind it.
        uint head = Batch.Head(&worker->Batch);
        bool isAtItem = current != 0 && (current & Claiming) == 0;
        worker->_look.Head = head;
        if (!isAtItem)
        {
            worker->_look.CpuNs = ThreadClock.Unknown;
            return LookResult.GetsOn;
        }
        long cpuNs = ThreadClock.CpuNs(worker->_tid);
        worker->_look.CpuNs = cpuNs;
        if (head != last.Head || last.CpuNs == ThreadClock.Unknown)
        {
            worker->_look.SinceNs = cpuNs;
            return LookResult.GetsOn;
        }
        bool isStuck = cpuNs - last.SinceNs >= HogNs
            || (cpuNs - last.CpuNs < PoolWatch.PeriodNs / 2 && ThreadClock.IsAsleep(worker->_tid));
        return isStuck ? LookResult.IsStuck : LookResult.IsAtIt;
    }

    /// <summary>The colour of the item that the worker, which is the caller, is at.</summary>
    public static int ColourOfRun(Worker* worker) => worker->_claimed.Colour;

    // After an item, by a worker that was called.
    private static void AnswerCall(Worker* worker)
    {
        Atomic.And(&worker->_attention, ~Called);
        if (worker->_blockDepth != 0)
        {
            ForgetBlocksSlow(worker);
        }
        WorkerPool.AfterItem(worker->Pool, worker);
    }
}
