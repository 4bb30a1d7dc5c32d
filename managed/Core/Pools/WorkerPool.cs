// SPDX-License-Identifier: GPL-2.0-only
// Pending items and the workers that run them.
//
// One order of items, oldest first, in parts: a worker's Batch, the Worklist, of a shared
// pool what is Incoming, the Inbox. Producers push to the Inbox without a lock; under Lock
// anyone may move the Inbox to the list before it, and a worker moves items on to its
// Batch. While the lock is free and lists and inbox are empty, all that is pending is in a
// Batch (or on its way to the Inbox), or parked on a link.
//
// A pool of a classic queue is private: it has one link, and one worker at most. While
// its CPU is offline it has no worker and a Dead inbox. A worker ends only when nothing is
// pending, so a pool without a worker holds no item, and a flush or a cancel has nothing to
// wait for there.
//
// Workers come and go at the head of the list under Lock. A thread that waits for runs
// to end waits on the pool, whichever worker they are on. Idle is a stack, the newest
// on top; a worker puts itself there to sleep, and the thread that wakes it takes it off.
//
// The Inbox has a cache line to itself: producers write there, the workers read
// their own lines. Lock order: this lock is innermost.
// Kernel counterpart: the worklist half of cpu_workqueue_struct, later worker_pool.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

[StructLayout(LayoutKind.Explicit, Size = 320)]
internal unsafe partial struct WorkerPool
{
    private const int OnCpuOffset = 168;
    private const int WatchOffset = 256;

    [FieldOffset(0)] public Inbox Inbox;       // A: see Inbox
    [FieldOffset(8)] public int IsWatched;      // A: somebody looks now and then whether the work goes on; always of a private pool
    [FieldOffset(64)] public FutexMutex Lock;
    [FieldOffset(72)] public ListHead Worklist; // L:
    [FieldOffset(88)] public ulong NrRefills;   // L: of a shared one
    [FieldOffset(96)] public ListHead Incoming; // L: of a shared one: taken from the inbox, and not handed out yet
    [FieldOffset(128)] public Worker* Workers;  // L: by NextInPool; changed by the thread that starts and stops
                                                //    workers, one at a time, which may read it without the lock
    [FieldOffset(136)] public byte* Name;       // I: what its workers' threads are called
    [FieldOffset(144)] public int Cpu;          // I: -1 if unbound
    [FieldOffset(148)] public int IsAstray;     // A: a worker met itself on another CPU
    [FieldOffset(152)] private nuint _idle;     // L: a stack of Workers, by NextIdle; read by IsUpElsewhere without it
    [FieldOffset(160)] public WorkWord Link;    // I: names the link of a private pool, else nothing
    [FieldOffset(OnCpuOffset)] public HlistNode OnCpu; // Hotplug's list and lock: of the same CPU
    [FieldOffset(184)] private int _workerCpu;  // A: where the worker was that last woke up; a guess
    [FieldOffset(112)] public int NrPins;       // Hotplug: threads that walk the list and stand at this pool
    [FieldOffset(188)] public bool IsShared;    // I: by the links of many queues; then it makes workers as it needs them
    [FieldOffset(189)] public bool IsHighPri;   // I: of a shared one
    [FieldOffset(190)] public bool IsLooking;   // L: the last look found work, and is to be followed by one: so IsWatched is on
    [FieldOffset(192)] public int Target;       // L: how many workers should run while there is work
    [FieldOffset(196)] public int NrRunning;    // L: workers that are up and not blocked, those being woken or made included
    [FieldOffset(200)] public Waiter* Waiters;  // L:
    [FieldOffset(208)] public int NrNewlyParked; // L: 0 but within a section that Unlock ends; links that have come to have parked items
    [FieldOffset(212)] private int _isAway;     // A: L to write: of a shared one: its CPU is offline, and its workers run on the others
    [FieldOffset(216)] public int NrStarted;    // A: of a shared one: workers whose thread there is
    [FieldOffset(248)] public int NrRescued;    // L: links of queues that have a rescuer
    [FieldOffset(220)] public int Number;       // I: of an unbound shared one, in its workers' names
    [FieldOffset(232)] public ListHead Late;    // L: of a shared one: items of links that are freed, until their callers take them back
    [FieldOffset(224)] public int NrMade;       // L: workers of a shared one so far, for their names
    [FieldOffset(228)] private int _nrBindings; // L: how often FollowCpus has bound the workers of a shared one
    [FieldOffset(252)] private int _feederCpu;  // A: where the thread was that last woke or made a worker; a guess
    [FieldOffset(120)] public Waiter* Completed; // L: null but within a section that Unlock ends: whose runs have ended
    [FieldOffset(WatchOffset)] public TimerList Watch; // see PoolWatch

    private static TypeStable s_slots;

    public static TypeStable* Slots => Address.Of(ref s_slots);

    public static void InitSlots(int nrSlots) => TypeStable.Init(Slots, sizeof(WorkerPool), nrSlots);

    /// <summary>The pool whose node on a CPU's list is <paramref name="node"/>.</summary>
    public static WorkerPool* OfCpu(HlistNode* node) => (WorkerPool*)((byte*)node - OnCpuOffset);

    /// <summary>The pool whose timer is <paramref name="watch"/>.</summary>
    public static WorkerPool* OfWatch(TimerList* watch) => (WorkerPool*)((byte*)watch - WatchOffset);

    /// <summary>A shared pool without a worker: the first push makes one. Null if there is no room.</summary>
    /// <param name="cpu">-1 for an unbound pool.</param>
    /// <param name="number">Of an unbound one.</param>
    public static WorkerPool* CreateShared(int cpu, bool isHighPri, int number)
    {
        WorkerPool* pool = Create(name: null, cpu);
        if (pool != null)
        {
            pool->IsShared = true;
            pool->IsHighPri = isHighPri;
            pool->Number = number;
            pool->NrMade = 0;
            pool->_nrBindings = 0;
            LookWhatIsOnline(pool);
            pool->IsWatched = 0;
            TimerList.Init(&pool->Watch, TimerList.TIMER_SELF);
            PoolWatch.Init(pool);
            Inbox.Open(&pool->Inbox);
            Inbox.TryFallAsleep(&pool->Inbox);
        }
        return pool;
    }

    /// <summary>A pool without a worker: nothing can be queued. Null if there is no room.</summary>
    public static WorkerPool* Create(byte* name, int cpu)
    {
        WorkerPool* pool = (WorkerPool*)TypeStable.Alloc(Slots);
        if (pool != null)
        {
            ListHead.Init(&pool->Worklist);
            ListHead.Init(&pool->Incoming);
            pool->Name = name;
            pool->Cpu = cpu;
            pool->Link = default;
            pool->Workers = null;
            pool->Waiters = null;
            pool->Completed = null;
            pool->IsAstray = 0;
            pool->_isAway = 0;
            pool->_idle = 0;
            pool->_feederCpu = cpu;
            pool->_workerCpu = cpu;
            pool->NrPins = 0;
            pool->IsShared = false;
            pool->IsHighPri = false;
            pool->IsLooking = false;
            pool->Target = 1;
            pool->NrRunning = 0;
            pool->NrRefills = 0;
            pool->NrNewlyParked = 0;
            pool->NrRescued = 0;
            ListHead.Init(&pool->Late);
            pool->NrStarted = 0;
            pool->IsWatched = 1;
            Inbox.Close(&pool->Inbox);
        }
        return pool;
    }

    /// <summary>In a forked child: nothing is pending, and the worker, which is the caller, is to end.</summary>
    public static void Abandon(WorkerPool* pool)
    {
        pool->Lock = default;
        pool->Waiters = null;
        pool->Completed = null;
        pool->NrNewlyParked = 0;
        ListHead.Init(&pool->Worklist);
        ListHead.Init(&pool->Incoming);
        Inbox.Open(&pool->Inbox);
    }

    /// <summary>Frees a pool that has no worker.</summary>
    public static void Free(WorkerPool* pool)
    {
        Watcher.Acquire(pool); // Another thread may have waited for its worker: the one that closed the queue.
        TypeStable.Free(Slots, pool);
    }

    /// <summary>
    /// Puts an item that the pool's worker queues into the worker's batch, if nothing older waits, and the item is of the
    /// link whose item the worker runs: so it holds a unit of that.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // Not in the way of the program's threads.
    public static bool TryInsertOwn(Worker* worker, PoolWorkqueue* pwq, Work* work)
    {
        if (!TryAppendOwn(worker, pwq, work))
        {
            return false;
        }
        Membarrier.Light(); // Pairs with Heavy in PoolWatch.Look.
        if (Atomic.Load(&worker->Pool->IsWatched) == 0)
        {
            PoolWatch.BeginSlow(worker->Pool); // The item may wait for it.
        }
        return true;
    }

    private static bool TryAppendOwn(Worker* worker, PoolWorkqueue* pwq, Work* work) =>
        HasNothingWaiting(worker->Pool)
            && (!pwq->IsShared || MayAppendShared(worker, pwq, work))
            && Batch.TryAppend(&worker->Batch, work, PoolWorkqueue.RecordOf(pwq), worker->Runner);

    private static bool MayAppendShared(Worker* worker, PoolWorkqueue* pwq, Work* work) =>
        (!Batch.IsToSettle(&worker->Batch) || SettlesSlotSlow(worker))
            && ListHead.IsEmpty(&worker->Pool->Incoming)
            && !worker->IsBlocked // Nobody would take it from there.
            && Worker.IsAtItemOf(worker, pwq) && !PoolWorkqueue.HasParked(pwq) && pwq->MaxActive > 0
            && Worker.MayRun(worker, work);

    /// <summary>Has all that was queued on the link before run? May say no for a moment after. Context: takes its pool's Lock.</summary>
    /// <param name="holder">A worker that is at an item of the link, for reports; null if none is known to be.</param>
    public static bool IsIdle(PoolWorkqueue* pwq, out Worker* holder)
    {
        holder = null;
        return pwq->Pool->IsShared ? IsLinkIdle(pwq->Pool, pwq, out holder) : IsPoolIdle(pwq->Pool);
    }

    private static bool IsLinkIdle(WorkerPool* pool, PoolWorkqueue* pwq, out Worker* holder)
    {
        FutexMutex.Lock(&pool->Lock);
        SettleAll(pool);
        bool idle = Inbox.HasNoItem(&pool->Inbox) && !HasIncoming(pool) && pwq->NrInFlight == 0;
        holder = idle ? null : HolderOf(pool, pwq);
        Unlock(pool); // If no worker could be made before, it is tried again.
        return idle;
    }

    private static bool IsPoolIdle(WorkerPool* pool)
    {
        if (Inbox.IsAsleep(&pool->Inbox))
        {
            return true;
        }
        if (!Inbox.HasNoItem(&pool->Inbox))
        {
            return false;
        }
        FutexMutex.Lock(&pool->Lock);
        bool idle = ListHead.IsEmpty(&pool->Worklist); // What is in the inbox by now was queued after the first look.
        for (Worker* worker = pool->Workers; worker != null && idle; worker = worker->NextInPool)
        {
            idle = Worker.IsIdle(worker);
        }
        FutexMutex.Unlock(&pool->Lock);
        return idle;
    }

    /// <summary>The worker ends if nothing is pending: the pool refuses from then on. Context: pool->Lock held.</summary>
    public static bool TryDie(WorkerPool* pool)
    {
        Contract.RequiresHeld(&pool->Lock);
        return ListHead.IsEmpty(&pool->Worklist) && Inbox.TryDie(&pool->Inbox);
    }

    /// <summary>
    /// Is a worker perhaps running at this moment, on another CPU than the caller? A guess, for a caller that thinks of spinning.
    /// </summary>
    // In the cache line that the workers do not write while they run.
    public static bool IsUpElsewhere(WorkerPool* pool) =>
        !Cpus.IsOnlyOne && Atomic.Load(&pool->_idle) == 0 && Atomic.Load(&pool->_workerCpu) != Cpus.Current();

    /// <summary>Do the pool's items come from another CPU than the caller's, which is its worker? A guess.</summary>
    public static bool IsFedFromElsewhere(WorkerPool* pool) =>
        !Cpus.IsOnlyOne && Atomic.Load(&pool->_feederCpu) != (pool->Cpu >= 0 ? pool->Cpu : Cpus.Current());

    /// <summary>A worker of the pool has woken up.</summary>
    public static void NoteCpu(WorkerPool* pool)
    {
        if (pool->Cpu < 0)
        {
            Atomic.Store(&pool->_workerCpu, Cpus.Current());
        }
    }

    /// <summary>Is the item with that word pending on this pool, or on the way there? A link may serve another queue by now.</summary>
    public static bool IsHere(WorkerPool* pool, PoolWorkqueue* pwq, WorkWord word) =>
        PoolWorkqueue.Of(word) == pwq && pwq->Pool == pool && word.IsPending && !word.IsHeldElsewhere;

    /// <summary>
    /// Empties the inbox: its items go to the end of the worklist, or of what is incoming if the pool is shared. Context:
    /// pool->Lock held.
    /// </summary>
    public static void CollectInbox(WorkerPool* pool)
    {
        Contract.RequiresHeld(&pool->Lock);
        AppendTo(pool->IsShared ? &pool->Incoming : &pool->Worklist, pool, TakeInbox(pool));
    }

    // Context: pool->Lock held.
    private static Work* TakeInbox(WorkerPool* pool)
    {
        Contract.RequiresHeld(&pool->Lock);
        Work* newest = Inbox.TakeAll(&pool->Inbox);
        if (Checks.IsOn(Checks.Debug))
        {
            ItemCheck.CheckChainSlow(pool, newest);
        }
        return newest;
    }

    // Context: pool->Lock held.
    private static void AppendTo(ListHead* list, WorkerPool* pool, Work* newest)
    {
        Contract.RequiresHeld(&pool->Lock);
        ListHead* end = ItemCheck.EndOf(pool, list);
        ListHead* newer = list;
        for (Work* work = newest; work != null;)
        {
            Work* older = Inbox.OlderOf(work);
            newer = ItemCheck.LinkBefore(pool, work, newer); // Newest first, each before the one put there last.
            work = older;
        }
        end->Next = newer;
        newer->Prev = end;
    }

    /// <summary>Fills the worker's batch, which is empty. False if there is nothing for it. Context: takes pool->Lock.</summary>
    public static bool Refill(WorkerPool* pool, Worker* worker) =>
        pool->IsShared ? RefillShared(pool, worker) : RefillPrivate(pool, worker);

    private static bool RefillPrivate(WorkerPool* pool, Worker* worker)
    {
        Batch* batch = &worker->Batch;
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
        Contract.RequiresHeld(&pool->Lock);
        ListHead* head = &pool->Worklist;
        ListHead* last = head;
        ListHead* entry = head->Next;
        for (int room = batch->Room; entry != head && room > 0; room--)
        {
            ListHead* next = ItemCheck.NextOf(pool, entry, last);
            ListHead.Init(entry);
            Batch.Append(batch, Work.OfEntry(entry), record: 0, runner: 0);
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
        Contract.RequiresHeld(&pool->Lock);
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
        AppendTo(&pool->Worklist, pool, newest);
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
