// SPDX-License-Identifier: GPL-2.0-only
// A thread that runs a pool's items.
//
// The worker runs from its Batch without a lock. What it is doing is one word:
//
//   Current = 0               nothing
//           = item|CLAIMING   reading the item; a canceller may win it yet
//           = item            inside the item's function
//
// Current is a hazard pointer. The worker publishes it, reads the slot again,
// and only then touches the item; a canceller empties the slot, issues a heavy
// fence, and waits while Current says CLAIMING for its item. Either the worker
// sees the empty slot, or the canceller sees the claim.
//
// Attention is what the worker looks at after each item: end, stand still, somebody
// waits (WorkerPool.Waiters.cs). Claimed is the word of the item in Current: it names
// the link, and so the queue, that the worker works for at the moment.
//
// A function that flushes its own queue makes the worker run items inside that
// item: see Worker.Nested.cs; how it stands still, Worker.Freeze.cs. Locks: pool lock
// where marked L.
// Kernel counterparts: worker_thread, run_workqueue, current_work.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

[StructLayout(LayoutKind.Explicit, Size = 768)]
internal unsafe partial struct Worker
{
    private const nuint Claiming = 1;
    private const int Stop = 1;   // End when nothing is pending.
    private const int Frozen = 2; // Park before the next item.
    private const int Waited = 4; // Look at the pool's waiters.
    private const int Called = 8; // Of a shared pool's: look at what the pool wants of it.
    private const int Described = 16; // Forget what the item said about itself.
    private const int MaxQuietDepth = 3;
#if WQ_SIM
    private const int MaxStopRuns = 6;
#else
    private const int MaxStopRuns = 10_000;
#endif

    [FieldOffset(0)] public WorkerPool* Pool;   // I: but of a rescuer L: the pool it helps, or has helped last
    [FieldOffset(8)] private nuint _thread;     // I:
    [FieldOffset(16)] private int _depth;       // S: run_workqueue frames on the stack
    [FieldOffset(20)] private int _stopRuns;    // S: items run since a stop was requested
    [FieldOffset(24)] private WorkerSignals _signals; // I:
    [FieldOffset(40)] private WorkerHooks _hooks; // I:
    [FieldOffset(56)] private int _tid;         // S writes: for reports
    [FieldOffset(64)] private nuint _current;   // A: S writes; see above
    [FieldOffset(72)] private WorkWord _claimed; // S writes: the word that the item in Current had, or the last one; see CurrentPwq
    [FieldOffset(80)] private RunFrame* _frames; // L: S writes
    [FieldOffset(88)] private int _attention;   // A: Stop, Frozen, Waited, Called, Described; a futex while parked
    [FieldOffset(92)] private int _parked;      // A: S writes
    [FieldOffset(96)] private void* _func;      // S writes: what the item in Current runs, for reports
    [FieldOffset(104)] public WaitRecord Waits; // S writes: see Stall
    [FieldOffset(128)] public Batch Batch;      // see Batch
    [FieldOffset(536)] public Worker* NextIdle; // the pool's idle stack and lock
    [FieldOffset(544)] private int _asleep;     // A: 1 from BeginSleep to Wake; a futex
    [FieldOffset(548)] public bool IsBlocked;   // L: it waits inside an item, or is at one that others need not wait for, and does not count as running
    [FieldOffset(549)] public bool IsIntensive; // L: what it has in hand is one item of a WQ_CPU_INTENSIVE queue
    [FieldOffset(552)] public ListHead Scheduled; // L: items that only this worker may run, as it is at an earlier run of them
    [FieldOffset(568)] private WorkWord _left;  // I: what it leaves behind in the word of an item it claims
    [FieldOffset(576)] public nuint Runner;     // I: its number in words of a shared pool's items; 0 in a private pool
    [FieldOffset(584)] private ThreadStart _start; // I:
    [FieldOffset(608)] private Linger _linger;  // S:
    [FieldOffset(648)] private int _blockDepth; // S: BeginBlock without its EndBlock
    [FieldOffset(652)] public bool WasFruitless; // L: when it last took items it could run none of them
    [FieldOffset(653)] public bool IsSurplus;    // S: others are running, and it is to lie down
    [FieldOffset(654)] public bool HasArrived;   // L: of a shared pool's: its thread may be bound
    [FieldOffset(656)] private LastLook _look;  // L:
    [FieldOffset(680)] private int _id;         // I: in the name of a shared pool's worker
    [FieldOffset(684)] public int NrBindings;   // L: what its pool had when the worker's CPUs were chosen
    [FieldOffset(728)] private int _isCalled;   // A: of a rescuer: a pool lacks a worker; a futex
    [FieldOffset(688)] private WorkerDesc _desc; // S writes: see Worker.Desc.cs
    [FieldOffset(736)] public Worker* NextInPool; // the pool's list and lock
    [FieldOffset(720)] public Workqueue* Rescues; // I: of a rescuer: the queue whose items it runs; else null

    private static TypeStable s_slots;

    public static TypeStable* Slots => Address.Of(ref s_slots);

    public static void InitSlots(int nrSlots) => TypeStable.Init(Slots, sizeof(Worker), nrSlots);

    /// <summary>The worker the calling thread is, or null.</summary>
    public static Worker* CurrentWorker => (Worker*)ThreadLocals.CurrentWorker();

    /// <summary>
    /// The link whose item the worker runs, or ran last. Before its first item, and in one that was initialised again
    /// while it was pending, it is that of its private pool. For reports it may be asked of a worker of any age, and is
    /// null of one that was never used.
    /// </summary>
    public static PoolWorkqueue* CurrentPwq(Worker* worker) =>
        PoolWorkqueue.Of(worker->_claimed.NamesNoLink && worker->Pool != null ? worker->Pool->Link : worker->_claimed);

    /// <summary>A worker without its thread; null if there is no room.</summary>
    public static Worker* Alloc(WorkerPool* pool)
    {
        Worker* worker = (Worker*)TypeStable.Alloc(Slots);
        if (worker != null)
        {
            *worker = default;
            worker->Pool = pool;
            worker->_hooks = WorkerSetup.Hooks;
            worker->_signals = WorkerSetup.Signals;
            ListHead.Init(&worker->Scheduled);
            worker->_left = pool->Link;
            if (pool->IsShared)
            {
                worker->Runner = TypeStable.NumberOf(Slots, (nuint)worker);
                worker->_left = WorkWord.ClaimedBy(worker->Runner);
            }
        }
        return worker;
    }

    /// <summary>Starts the thread. Context: pool->Lock held, which is the first thing it takes after its set-up.</summary>
    /// <returns>None, or why there is no thread.</returns>
    public static Errno Start(Worker* worker)
    {
        Contract.RequiresHeld(&worker->Pool->Lock);
        worker->_start.Func = (ThreadFunc)(delegate*<void*, void*>)&WorkerThread;
        worker->_start.Argument = worker;
        return PThread.Create(&worker->_thread, worker->Pool->Cpu, &worker->_start);
    }

    /// <summary>Starts the thread of a shared pool's worker, which nobody joins.</summary>
    /// <param name="id">In its name.</param>
    /// <returns>None, or why there is no thread.</returns>
    public static Errno StartShared(Worker* worker, int id, CpuMask* cpus)
    {
        worker->_id = id;
        worker->_start.Func = (ThreadFunc)(delegate*<void*, void*>)&WorkerThread;
        worker->_start.Argument = worker;
        return PThread.Create(&worker->_thread, cpus, &worker->_start);
    }

    /// <summary>Has the thread run on <paramref name="cpus"/>. Not after Join.</summary>
    public static void Bind(Worker* worker, CpuMask* cpus)
    {
        LeakCheck.BeginAffinityChange(); // The item that is running is not to blame.
        PThread.Bind(worker->_thread, cpus);
        LeakCheck.EndAffinityChange();
    }

    /// <summary>Is it to end when nothing is pending?</summary>
    public static bool MustStop(Worker* worker) => (Atomic.Load(&worker->_attention) & Stop) != 0;

    /// <summary>Has the worker look at its pool's waiters after its item.</summary>
    public static void MarkWaited(Worker* worker) => Atomic.Or(&worker->_attention, Waited);

    public static void ClearWaited(Worker* worker) => Atomic.And(&worker->_attention, ~Waited);

    public static void RequestStop(Worker* worker)
    {
        Watcher.Release(&worker->_attention); // For the stop hook.
        Atomic.Or(&worker->_attention, Stop); // Then the look: a worker that parks after it finds the word changed.
        if (Atomic.Load(&worker->_parked) != 0)
        {
            Futex.Wake(&worker->_attention, 1);
        }
    }

    /// <summary>Waits for the thread to end, after RequestStop.</summary>
    public static void Join(Worker* worker, WaitCall call) => Stall.Join(worker->_thread, worker, call);

    public static void Free(Worker* worker) => TypeStable.Free(Slots, worker);

    /// <summary>Runs all that is pending on the pool, and what is queued meanwhile. Only on the worker's thread.</summary>
    public static void RunWorkqueue(Worker* worker)
    {
        if (++worker->_depth > MaxQuietDepth)
        {
            ReportDepthSlow(worker->_depth);
        }
        do
        {
            if ((Atomic.Load(&worker->_attention) & Frozen) != 0) // After Refill: what was queued on a frozen queue meets it.
            {
                StandWhileFrozenSlow(worker);
            }
            while (!worker->Batch.IsEmpty)
            {
                ProcessOneWork(worker);
            }
            worker->_linger.LetGather(worker->Pool, worker->Batch.NrAdded);
        }
        while (WorkerPool.Refill(worker->Pool, worker));
        worker->_depth--;
    }

    /// <summary>
    /// Had the worker run all that was in its batch when this was called? Context: pool->Lock held, so
    /// that it cannot refill.
    /// </summary>
    public static bool IsIdle(Worker* worker) =>
        Batch.First(&worker->Batch) == null && Atomic.Load(&worker->_current) == 0 && worker->_frames == null;

    /// <summary>Is the caller inside the function of <paramref name="work"/>?</summary>
    public static bool IsInside(Work* work)
    {
        Worker* worker = CurrentWorker;
        return worker != null && IsRunning(worker, work); // Its own frames need no lock.
    }

    /// <summary>Is the function of <paramref name="work"/> running here? Context: pool->Lock held, or on the worker's thread.</summary>
    public static bool IsRunning(Worker* worker, Work* work)
    {
        if ((Atomic.Load(&worker->_current) & ~Claiming) == (nuint)work)
        {
            return true;
        }
        RunFrame* frame = worker->_frames;
        while (frame != null && frame->Work != work)
        {
            frame = frame->Outer;
        }
        return frame != null;
    }

    /// <summary>After emptying the slot of <paramref name="work"/>: waits until the worker will not touch it.</summary>
    public static void WaitForClaim(Worker* worker, Work* work)
    {
        Membarrier.Heavy(); // Pairs with Light in ProcessOneWork.
        Backoff backoff = default;
        while (Atomic.Load(&worker->_current) == ((nuint)work | Claiming))
        {
            backoff.Pause();
        }
    }

    /// <summary>Is the caller a worker of <paramref name="wq"/>?</summary>
    public static bool IsOf(Workqueue* wq)
    {
        Worker* worker = CurrentWorker;
        PoolWorkqueue* pwq = worker != null ? CurrentPwq(worker) : null;
        return pwq != null && pwq->Wq == wq;
    }

    /// <summary>Is the caller the only worker of the queue that an item was last queued on?</summary>
    public static bool IsOnlyOneFor(Work* work)
    {
        PoolWorkqueue* pwq = PoolWorkqueue.Of(Work.WordOf(work));
        return pwq != null && IsOf(pwq->Wq) && !Workqueue.HasManyPools(pwq->Wq);
    }

    /// <summary>Does the worker run items inside another item's function? Only on the worker's thread.</summary>
    public static bool IsNested(Worker* worker) => worker->_frames != null;

    /// <summary>Have the runs of <paramref name="work"/>, or of everything if it is null, ended here? Context: pool->Lock held.</summary>
    public static bool IsOver(Worker* worker, Work* work) =>
        work != null ? !IsRunning(worker, work) : Atomic.Load(&worker->_current) == 0 && worker->_frames == null;

    private static void* WorkerThread(void* argument)
    {
        Worker* worker = (Worker*)argument;
        ThreadLocals.SetCurrentWorker(worker);
        worker->_tid = PThread.CurrentTid();
        if (worker->Pool->IsShared)
        {
            worker->_thread = PThread.Self; // Its creator may not have stored it yet.
            WorkerPool.Arrive(worker->Pool, worker);
        }
        WorkerSetup.Enter(worker, worker->_id, &worker->_start, worker->_hooks, worker->_signals);
        do
        {
            RunWorkqueue(worker);
        }
        while (SleepOrDie(worker));
        Watcher.Acquire(&worker->_attention);
        *ThreadLocals.CpuHolds() += ThreadLocals.InCpuTransition; // One may be waiting for this thread's end.
        ThreadLocals.SetCurrentWorker(null); // What the hook queues here is refused: nobody would run it.
        WorkerSetup.Leave(worker->_hooks);
        Watcher.Release(worker->Pool); // valgrind does not know the call that joins this thread.
        if (worker->Pool->IsShared)
        {
            Free(worker); // Nobody joins it.
        }
        return null;
    }

    /// <summary>Takes the next slot of the batch and runs what is in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ProcessOneWork(Worker* worker)
    {
        nuint* slot = Batch.Peek(&worker->Batch);
        nuint item = Atomic.Load(slot);
        if (item == 0)
        {
            Batch.Advance(&worker->Batch);
            Membarrier.Light(); // As after an item: a worker that was called comes to one more slot, also if that is empty.
            if (Atomic.Load(&worker->_attention) != 0)
            {
                AfterItemSlow(worker);
            }
            return;
        }
        Atomic.Store(&worker->_current, item | Claiming);
        Batch.Advance(&worker->Batch); // Pairs with IsIdle: an item leaves the batch after it is current.
        Membarrier.Light(); // Pairs with Heavy in WaitForClaim.
        if (Atomic.Load(slot) == item)
        {
            TryRun(worker, (Work*)item, slot);
        }
        Atomic.Store(&worker->_current, 0);
        Membarrier.Light(); // Pairs with Heavy in TryAddWaiter: a waiter may have taken a mere claim for a run.
        if (Atomic.Load(&worker->_attention) != 0)
        {
            AfterItemSlow(worker);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TryRun(Worker* worker, Work* work, nuint* slot)
    {
        if (Checks.Any)
        {
            TryRunCheckedSlow(worker, work, slot);
        }
        else if (TryTake(worker, work, slot))
        {
            ((WorkFunc)worker->_func)(work); // The item may be gone from here on.
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TryRunCheckedSlow(Worker* worker, Work* work, nuint* slot)
    {
        CheckedRun.BeforeClaim(worker, work);
        if (TryTake(worker, work, slot))
        {
            CheckedRun.Run(worker, work, (WorkFunc)worker->_func);
        }
    }

    // A canceller that has won the item empties the slot, and the worker leaves both alone. False also
    // if there is nothing to call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryTake(Worker* worker, Work* work, nuint* slot)
    {
        void* func = work->Func;
        if (!Work.TryClaim(work, worker->_left, out WorkWord claimed))
        {
            return false;
        }
        Atomic.Store(slot, 0);
        worker->_func = func;
        worker->_claimed = claimed;
        Atomic.Store(&worker->_current, (nuint)work);
        return (func != null && !claimed.HasWaiters) || MayCallSlow(worker, work);
    }

    // Somebody waits for this run, or there is nothing to call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool MayCallSlow(Worker* worker, Work* work)
    {
        if (worker->_func == null)
        {
            ReportNoFunctionSlow(worker);
        }
        if (worker->_claimed.HasWaiters)
        {
            WorkerPool.BindWaiters(worker->Pool, worker, work);
        }
        return worker->_func != null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AfterItemSlow(Worker* worker)
    {
        if ((Atomic.Load(&worker->_attention) & Described) != 0)
        {
            ForgetDesc(worker);
        }
        if ((Atomic.Load(&worker->_attention) & Waited) != 0)
        {
            WorkerPool.CompleteWaiters(worker->Pool, worker);
        }
        if ((Atomic.Load(&worker->_attention) & Called) != 0)
        {
            AnswerCall(worker);
        }
        if (MustStop(worker) && ++worker->_stopRuns == MaxStopRuns)
        {
            Workqueue.RefuseEndlessQueueing(CurrentPwq(worker)->Wq);
        }
        StandWhileFrozenSlow(worker);
    }
}
