// SPDX-License-Identifier: GPL-2.0-only
// The simulated kernel: time, timers, futexes, threads, CPUs, membarrier.
//
// Time is virtual. When nobody can run, or when the strategy says so, it passes to the
// earliest expiry there is; with every pause it passes a little.
// Every call is a point, and drains the caller's store buffer as a system call
// does. Faults are the strategy's choice, where the scenario allows them.

using Wq.Os;

namespace Wq.Sim;

internal static unsafe class Kernel
{
    public const long PauseNs = 10_000;
    public const int FirstFd = 100;
    private const int MaxTimers = 8;
    private const long StartNs = 1_000_000_000;
    private const ulong NoExpiry = ulong.MaxValue;
    private const long NsPerSecond = 1_000_000_000;

    private const long StoresVisibleNs = 5_000_000; // Every store is seen by then.

    private static readonly ulong[] s_expiresAtNs = new ulong[MaxTimers];
    private static readonly ulong[] s_intervals = new ulong[MaxTimers];
    private static bool s_refusesMembarrier;
    private static int s_nrTimers;

    public static long NowNs { get; set; }

    /// <summary>How much of that threads have spun for.</summary>
    public static long PausedNs { get; private set; }

    public static int NrCpus { get; private set; }

    /// <summary>The CPUs the process may use, a bit each; may change during a run.</summary>
    public static ulong AllowedCpus { get; set; }

    /// <summary>Does the scenario want the kernel to refuse now and then?</summary>
    public static bool MayRefuse { get; set; }

    /// <summary>Is every thread refused that the engine wants to start?</summary>
    public static bool RefusesThreads { get; set; }

    public static bool HasTimeToPass => NextExpiryNs() != NoExpiry;

    /// <summary>The time that LetTimePass goes to.</summary>
    public static long NextExpiry => (long)NextExpiryNs();

    public static void Reset(int nrCpus)
    {
        NowNs = StartNs;
        PausedNs = 0;
        NrCpus = nrCpus;
        AllowedCpus = (1UL << nrCpus) - 1;
        MayRefuse = false;
        RefusesThreads = false;
        Processors.Reset();
        s_nrTimers = 0;
        s_refusesMembarrier = false;
    }

    /// <summary>A thread spins once: time passes by that.</summary>
    public static void PassPause()
    {
        NowNs += PauseNs;
        PausedNs += PauseNs;
    }

    /// <summary>Moves time to the earliest expiry; the thread that becomes ready by it.</summary>
    public static int LetTimePass()
    {
        NowNs = long.Max(NowNs, (long)NextExpiryNs());
        History.Event(1, isWrite: true);
        Trace.TimePasses();
        int ready = -1;
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            SimThread thread = Machine.ThreadAt(id);
            if (ExpiryOf(thread) <= (ulong)NowNs)
            {
                thread.State = ThreadState.Ready;
                ready = id;
            }
        }
        return ready;
    }

    /// <summary>Is this call refused? Asked where the caller must be able to bear it.</summary>
    public static bool Refuses()
    {
        Machine.Current.Ops++; // A moment of its own: two requests may follow without a point between.
        return MayRefuse && Machine.Happens(Choice.Fault);
    }

    // ---- Futexes ----

    /// <param name="at">A deadline as a struct timespec, or null. Only a timer's thread has one that comes: others guard against hangs.</param>
    public static void FutexWait(int* word, int expected, long* at)
    {
        SimThread self = Enter(Operation.FutexWait, word);
        self.HasTimerLoop |= Wheels.HasAlarm((nuint)word);
        bool sleeps = (int)Words.Visible(self, word) == expected;
        History.Event((nuint)word, isWrite: true);
        if (!sleeps || Machine.Happens(Choice.Spurious))
        {
            Trace.Result(sleeps ? "returns for no reason" : "does not sleep");
            return;
        }
        Trace.Result("sleeps");
        Watch.Sleeping(self, (nuint)word);
        self.WakeAtNs = at != null && self.HasTimerLoop ? (at[0] * NsPerSecond) + at[1] : long.MaxValue;
        Machine.Block(ThreadState.OnFutex, (nuint)word);
    }

    public static void FutexWake(int* word, int nr)
    {
        Enter(Operation.FutexWake, word);
        History.Event((nuint)word, isWrite: true);
        int woken = 0;
        for (int id = 0; id < Machine.NrThreads && woken < nr; id++)
        {
            SimThread thread = Machine.ThreadAt(id);
            if (thread.State == ThreadState.OnFutex && thread.WaitsOn == (nuint)word)
            {
                thread.State = ThreadState.Ready;
                woken++;
            }
        }
        Trace.Result(woken == 0 ? "nobody there" : woken == 1 ? "wakes one" : "wakes several");
    }

    // ---- Membarrier ----

    /// <summary>0, or -1 where it is refused: from the start, or since it was refused once for good.</summary>
    public static int RegisterForMembarrier() =>
        s_refusesMembarrier || Machine.Happens(Choice.Fault, always: true) ? -1 : 0;

    /// <summary>0, or -1 where it is refused: for good, or until it is registered for again.</summary>
    public static int Membarrier()
    {
        Enter(Operation.Membarrier, null);
        if (s_refusesMembarrier || Machine.Happens(Choice.Fault, always: true))
        {
            Machine.Current.Ops++; // A replay tells the two answers apart by it.
            s_refusesMembarrier |= Machine.Happens(Choice.Fault, always: true);
            Trace.Result("refused");
            return -1;
        }
        Machine.DrainEverything();
        return 0;
    }

    // ---- Threads ----

    public static Errno CreateThread(nuint* thread, ulong cpus, ThreadFunc start, void* argument)
    {
        SimThread self = Enter(Operation.CreateThread, null);
        if ((cpus & AllowedCpus) == 0)
        {
            return Errno.EINVAL;
        }
        SimThread? child = RefusesThreads || Refuses() ? null : Machine.Spawn(ThreadKind.Engine);
        if (child == null)
        {
            Trace.Result("refused");
            return Errno.EAGAIN;
        }
        child.Cpu = self.Cpu;
        child.BindTo(cpus & AllowedCpus);
        child.Start = start;
        child.Argument = argument;
        child.History = self.History + 1;
        *thread = (nuint)child.Id + 1;
        return Errno.None;
    }

    /// <summary>Has a thread run on these CPUs as far as they are allowed; false if none is.</summary>
    public static bool BindThread(nuint thread, ulong cpus)
    {
        Enter(Operation.BindThread, null);
        if ((cpus & AllowedCpus) == 0)
        {
            return false;
        }
        Machine.ThreadAt((int)thread - 1).BindTo(cpus & AllowedCpus);
        return true;
    }

    /// <summary>What an administrator does: every thread is moved off a CPU that is taken away.</summary>
    public static void Allow(ulong cpus)
    {
        Machine.Point();
        History.Event((nuint)FirstFd - 1, isWrite: true);
        AllowedCpus = cpus;
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            SimThread thread = Machine.ThreadAt(id);
            thread.BindTo((thread.BoundTo & cpus) != 0 ? thread.BoundTo & cpus : cpus);
        }
    }

    public static void JoinThread(nuint thread)
    {
        if (thread == 0 || thread > (nuint)Machine.NrThreads)
        {
            Machine.Fail("a thread is waited for that there is not");
        }
        SimThread self = Enter(Operation.JoinThread, null);
        Watch.Sleeping(self, 0);
        SimThread other = Machine.ThreadAt((int)thread - 1);
        if (other.IsJoined)
        {
            Machine.Fail("a thread is waited for by two");
        }
        other.IsJoined = true;
        if (other.IsAlive)
        {
            Machine.Block(ThreadState.OnJoin, (nuint)other.Id);
        }
        History.Event((nuint)other.Id + 2, isWrite: false);
    }

    public static void Sleep(long ns)
    {
        SimThread self = Enter(Operation.Sleep, null);
        self.WakeAtNs = NowNs + ns;
        Machine.Block(ThreadState.Asleep, 0);
        if (ns >= StoresVisibleNs)
        {
            Machine.DrainEverything();
        }
    }

    /// <summary>Computes, and so may wait for the CPU too.</summary>
    public static void Compute(long ns) => Processors.Compute(Enter(Operation.Compute, null), ns);

    public static void SleepUntil(long atNs) => Sleep(long.Max(atNs - NowNs, 0));

    // ---- Timers ----

    /// <summary>A descriptor, or -1.</summary>
    public static int CreateTimer()
    {
        SimThread self = Enter(Operation.CreateTimer, null);
        if (s_nrTimers == MaxTimers || Refuses())
        {
            self.Errno = Errno.EMFILE;
            return -1;
        }
        s_expiresAtNs[s_nrTimers] = NoExpiry;
        return FirstFd + s_nrTimers++;
    }

    /// <summary>0, or -1 where it is refused: now and then, as a sandbox that begins does.</summary>
    public static int SetTimer(int fd, ulong interval, ulong expiresAtNs)
    {
        Enter(Operation.SetTimer, null);
        if (Refuses())
        {
            Trace.Result("refused");
            return -1;
        }
        History.Event((nuint)fd, isWrite: true);
        s_intervals[fd - FirstFd] = interval;
        s_expiresAtNs[fd - FirstFd] = expiresAtNs == 0 ? NoExpiry : expiresAtNs;
        return 0;
    }

    public static ulong IntervalOf(int fd) => fd < FirstFd ? 0 : s_intervals[fd - FirstFd];

    public static void WaitForTimer(int fd)
    {
        SimThread self = Enter(Operation.WaitTimer, null);
        self.HasTimerLoop = true;
        History.Event((nuint)fd, isWrite: true);
        if (s_expiresAtNs[fd - FirstFd] > (ulong)NowNs)
        {
            Machine.Block(ThreadState.OnTimer, (nuint)(fd - FirstFd));
        }
        s_expiresAtNs[fd - FirstFd] = NoExpiry; // Read once.
    }

    private static ulong NextExpiryNs()
    {
        ulong next = NoExpiry;
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            next = ulong.Min(next, ExpiryOf(Machine.ThreadAt(id)));
        }
        return next;
    }

    private static ulong ExpiryOf(SimThread thread) => thread.State switch
    {
        ThreadState.Asleep or ThreadState.Computing => (ulong)thread.WakeAtNs,
        ThreadState.OnFutex when thread.WakeAtNs != long.MaxValue => (ulong)thread.WakeAtNs,
        ThreadState.OnTimer => s_expiresAtNs[thread.WaitsOn],
        _ => NoExpiry,
    };

    private static SimThread Enter(Operation operation, void* word)
    {
        Machine.Point();
        SimThread self = Machine.Current;
        self.Stores.DrainAll();
        Trace.Call(self, operation, (nuint)word);
        return self;
    }
}
