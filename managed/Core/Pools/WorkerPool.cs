// A queue of pending items and the worker that runs them.
//
// One order of items, oldest first, in three parts: the worker's Batch, the
// Worklist, the Inbox. Producers push to the Inbox without a lock; under Lock
// anyone may move the Inbox to the Worklist, and the worker moves items on to
// its Batch. While the lock is free and the list and the inbox are empty, all
// that is pending is in the Batch (or on its way to the Inbox).
//
// A pool whose CPU is offline has no worker and a Dead inbox. Its worker goes only
// when nothing is pending, so such a pool holds nothing: a flush or a cancel that
// meets one has nothing to wait for there.
//
// The Inbox has a cache line of its own: producers write there, the worker reads
// its own lines. Lock order: this lock is innermost.
// Kernel counterpart: the worklist half of cpu_workqueue_struct, later worker_pool.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

[StructLayout(LayoutKind.Explicit, Size = 256)]
internal unsafe struct WorkerPool
{
    [FieldOffset(0)] public Inbox Inbox;       // A: see Inbox
    [FieldOffset(64)] public FutexMutex Lock;
    [FieldOffset(72)] public ListHead Worklist; // L:
    [FieldOffset(88)] public bool ShouldStop;   // L: the worker ends when nothing is pending
    [FieldOffset(128)] public Worker* Worker;   // L: null while the pool's CPU is offline; changed by
                                                //    who starts and stops workers, one at a time
    [FieldOffset(136)] public Workqueue* Wq;    // I: whose private pool this is
    [FieldOffset(144)] public int Cpu;          // I: -1 if unbound
    [FieldOffset(148)] public int IsAstray;     // A: the worker met itself on another CPU
    [FieldOffset(152)] private int _isAsleep;   // A: the worker sleeps, or has been woken and not run yet

    private static TypeStable s_slots;

    public static TypeStable* Slots => (TypeStable*)Unsafe.AsPointer(ref s_slots);

    public static void InitSlots(int nrSlots) => TypeStable.Init(Slots, sizeof(WorkerPool), nrSlots);

    /// <summary>A pool without a worker: nothing can be queued. Null if there is no room.</summary>
    public static WorkerPool* Create(Workqueue* wq, int cpu)
    {
        WorkerPool* pool = (WorkerPool*)TypeStable.Alloc(Slots);
        if (pool != null)
        {
            ListHead.Init(&pool->Worklist);
            pool->Wq = wq;
            pool->Cpu = cpu;
            pool->Worker = null;
            pool->IsAstray = 0;
            pool->_isAsleep = 0;
            Inbox.Close(&pool->Inbox);
        }
        return pool;
    }

    /// <summary>Starts a worker for a pool that has none, and opens it.</summary>
    /// <returns>0 or an errno value.</returns>
    // The new worker needs the lock before it can do anything, and meets an open inbox. It is not opened
    // earlier: a caller who looked the pool up when it was last open may push at any moment.
    public static int Start(WorkerPool* pool)
    {
        Worker* worker = Core.Worker.Alloc(pool);
        if (worker == null)
        {
            return Tmds.Linux.LibC.ENOMEM;
        }
        FutexMutex.Lock(&pool->Lock);
        pool->ShouldStop = false;
        int error = Core.Worker.Start(worker);
        if (error == 0)
        {
            pool->Worker = worker;
            Inbox.Open(&pool->Inbox);
        }
        FutexMutex.Unlock(&pool->Lock);
        if (error != 0)
        {
            Core.Worker.Free(worker);
        }
        return error;
    }

    /// <summary>Tells the worker to end when nothing is pending. Does not wait.</summary>
    public static void RequestStop(WorkerPool* pool)
    {
        FutexMutex.Lock(&pool->Lock);
        pool->ShouldStop = true; // Under the lock: the worker reads it where it falls asleep.
        FutexMutex.Unlock(&pool->Lock);
        if (pool->Worker != null)
        {
            Core.Worker.RequestStop(pool->Worker);
            Inbox.Kick(&pool->Inbox);
        }
    }

    /// <summary>
    /// Waits until the worker has run what is left and ended, after RequestStop; the pool has none then.
    /// Blocks. One caller at a time.
    /// </summary>
    public static void WaitForStop(WorkerPool* pool, WaitCall call)
    {
        Join(pool, call);
        Reap(pool);
    }

    /// <summary>The first half of WaitForStop: the worker has ended, and is still to be found.</summary>
    public static void Join(WorkerPool* pool, WaitCall call)
    {
        if (pool->Worker != null)
        {
            Core.Worker.Join(pool->Worker, call);
        }
        Watcher.Acquire(pool);
    }

    /// <summary>The second half.</summary>
    public static void Reap(WorkerPool* pool)
    {
        Worker* worker = pool->Worker;
        if (worker == null)
        {
            return;
        }
        FutexMutex.Lock(&pool->Lock);
        pool->Worker = null; // Under the lock: cancellers look into its batch.
        FutexMutex.Unlock(&pool->Lock);
        Core.Worker.Free(worker);
    }

    /// <summary>Notes whether the worker, who asks, is on another CPU than its own.</summary>
    // Somebody has bound it elsewhere, or its CPU is gone. One that is ending was sent away.
    public static void LookForCpu(WorkerPool* pool)
    {
        if (pool->Cpu >= 0 && Cpus.Current() != pool->Cpu && !pool->ShouldStop)
        {
            Atomic.Store(&pool->IsAstray, 1);
            CpuWatch.Suspect();
        }
    }

    /// <summary>In a forked child: nothing is pending, and the worker, which is the caller, is to end.</summary>
    public static void Abandon(WorkerPool* pool)
    {
        pool->Lock = default;
        pool->ShouldStop = true;
        ListHead.Init(&pool->Worklist);
        Inbox.Open(&pool->Inbox);
    }

    /// <summary>Frees a pool that has no worker.</summary>
    public static void Free(WorkerPool* pool)
    {
        Watcher.Acquire(pool); // Another thread may have waited for its worker: the one that closed the queue.
        TypeStable.Free(Slots, pool);
    }

    /// <summary>Puts an item that the pool's worker queues into the worker's batch, if nothing older waits.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // Not in the way of the program's threads.
    public static bool TryInsertOwn(Worker* worker, Work* work) =>
        HasNothingWaiting(worker->Pool) && Batch.TryAppend(&worker->Batch, work);

    /// <summary>Has all that was queued before run? May say no for a moment after. Context: takes pool->Lock.</summary>
    public static bool IsIdle(WorkerPool* pool)
    {
        if (Inbox.IsAsleep(&pool->Inbox))
        {
            return true;
        }
        if (!Inbox.HasNoItem(&pool->Inbox))
        {
            return false; // Without the lock, which its worker is about to take.
        }
        FutexMutex.Lock(&pool->Lock);
        bool idle = Inbox.HasNoItem(&pool->Inbox)
            && ListHead.IsEmpty(&pool->Worklist)
            && (pool->Worker == null || Core.Worker.IsIdle(pool->Worker));
        FutexMutex.Unlock(&pool->Lock);
        return idle;
    }

    /// <summary>Sleeps until the inbox is not Asleep. Called by the worker, without the lock.</summary>
    public static void WaitWhileAsleep(WorkerPool* pool)
    {
        Atomic.Store(&pool->_isAsleep, 1);
        Inbox.WaitWhileAsleep(&pool->Inbox);
        Atomic.Store(&pool->_isAsleep, 0);
    }

    /// <summary>
    /// Is the worker perhaps running at this moment, on another CPU than the caller? A guess, for who thinks of spinning.
    /// </summary>
    // In the cache line that the worker does not write while it runs.
    public static bool IsUpElsewhere(WorkerPool* pool) =>
        !Cpus.IsOnlyOne && Atomic.Load(&pool->_isAsleep) == 0 && pool->Cpu != Cpus.Current();

    /// <summary>Moves the inbox to the end of the worklist. Context: pool->Lock held.</summary>
    public static void CollectInbox(WorkerPool* pool)
    {
        AppendToWorklist(pool, TakeInbox(pool));
    }

    // Context: pool->Lock held.
    private static Work* TakeInbox(WorkerPool* pool)
    {
        Work* newest = Inbox.TakeAll(&pool->Inbox);
        if (Checks.IsOn(Checks.Debug))
        {
            ItemCheck.CheckChainSlow(pool, newest);
        }
        return newest;
    }

    // Context: pool->Lock held.
    private static void AppendToWorklist(WorkerPool* pool, Work* newest)
    {
        ListHead* end = ItemCheck.EndOf(pool);
        ListHead* newer = &pool->Worklist;
        for (Work* work = newest; work != null;)
        {
            Work* older = Inbox.OlderOf(work);
            newer = ItemCheck.LinkBefore(pool, work, newer); // Newest first, each before the one put there last.
            work = older;
        }
        end->Next = newer;
        newer->Prev = end;
    }

    /// <summary>Fills the worker's batch, which is empty. False if nothing is pending. Context: takes pool->Lock.</summary>
    public static bool Refill(WorkerPool* pool, Batch* batch)
    {
        if (HasNothingWaiting(pool))
        {
            return false;
        }
        FutexMutex.Lock(&pool->Lock);
        bool any = !ListHead.IsEmpty(&pool->Worklist) || RefillFromInbox(pool, batch);
        RefillFromWorklist(pool, batch);
        FutexMutex.Unlock(&pool->Lock);
        return any;
    }

    // One cut of the list: the links between what is taken need no mending.
    // Context: pool->Lock held.
    private static void RefillFromWorklist(WorkerPool* pool, Batch* batch)
    {
        ListHead* head = &pool->Worklist;
        ListHead* last = head;
        ListHead* entry = head->Next;
        for (int room = batch->Room; entry != head && room > 0; room--)
        {
            ListHead* next = ItemCheck.NextOf(pool, entry, last);
            ListHead.Init(entry);
            Batch.Append(batch, Work.OfEntry(entry));
            last = entry;
            entry = next;
        }
        ItemCheck.NextOf(pool, entry, last);
        head->Next = entry;
        entry->Prev = head;
    }

    // A chain that fits goes straight to the batch; a longer one to the list.
    // Context: pool->Lock held, list and batch empty.
    private static bool RefillFromInbox(WorkerPool* pool, Batch* batch)
    {
        if (Inbox.HasNoItem(&pool->Inbox))
        {
            return false;
        }
        Work* newest = TakeInbox(pool);
        int nr = 0;
        for (Work* work = newest; work != null && nr <= Batch.Capacity; work = Inbox.OlderOf(work))
        {
            nr++;
        }
        if (nr <= Batch.Capacity)
        {
            Batch.AppendChain(batch, newest, nr);
            return true;
        }
        AppendToWorklist(pool, newest);
        return true;
    }

    // Is nothing in the inbox nor on the list? For the worker, without the lock, whose word is read in between: a
    // canceller that has taken the inbox but not yet filled the list holds it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasNothingWaiting(WorkerPool* pool) =>
        Inbox.IsEmpty(&pool->Inbox)
            && !pool->Lock.IsHeld
            && ListHead.IsEmpty(&pool->Worklist);
}
