// SPDX-License-Identifier: GPL-2.0-only
// The simulated machine: its threads, who runs, and when a run is over.
//
// One simulated thread runs at a time, on a stack of its own within the one real
// thread. Before each operation others can see it comes to Point(), where the
// strategy says who goes next; what it does between two points is one step. All
// that happens is a function of the strategy's answers, so a run can be repeated.
//
// Fairness, so that a loop that waits for another thread ends: a thread that
// pauses is not chosen again until another has done something.

using System.Runtime.InteropServices;

namespace Wq.Sim;

internal enum Outcome
{
    Running,
    Passed,
    Failed,
    Pruned, // The strategy knows how it goes on from here.
}

internal static unsafe partial class Machine
{
    private const int OutsideContext = SimThread.Max;
    private const int StackBytes = 1 << 20;
    private const int TimePassesOption = 63;
    private const int MaxSteps = 30_000;
    private const int MaxLonelyPauses = 300;
    private const int MaxNameBytes = 64;

    private static readonly SimThread[] s_threads = MakeThreads();
    private static readonly byte* s_stacks = (byte*)NativeMemory.AlignedAlloc(SimThread.Max * StackBytes, 4096);
    private static readonly nint* s_sp = (nint*)NativeMemory.AllocZeroed((SimThread.Max + 1) * (nuint)sizeof(nint));
    private static readonly byte* s_scenario = (byte*)NativeMemory.AllocZeroed(MaxNameBytes);
    private static readonly ulong* s_seed = (ulong*)NativeMemory.AllocZeroed(sizeof(ulong));
    private static readonly int[] s_options = new int[SimThread.Max + 2];

    private static SimThread s_current = s_threads[0];
    private static Strategy s_strategy = new FirstChoice();
    private static Script s_script = Script.None;
    private static int s_nrThreads;
    private static int s_lonelyPauses;

    public static Outcome Outcome { get; private set; }

    /// <summary>What went wrong, if Outcome is Failed.</summary>
    public static string Failure { get; private set; } = "";

    public static int Steps { get; private set; }

    /// <summary>No choices are offered: for what is not the scenario's subject.</summary>
    public static bool IsQuiet { get; set; }

    /// <summary>Has time never passed while a thread could run, nor anything been refused? Then what is to be at once, is.</summary>
    public static bool IsPrompt { get; private set; }

    public static SimThread Current => s_current;

    public static int NrThreads => s_nrThreads;

    public static bool IsAnybodyElseReady
    {
        get
        {
            bool any = false;
            for (int id = 0; id < s_nrThreads; id++)
            {
                any |= id != s_current.Id && s_threads[id].State == ThreadState.Ready;
            }
            return any;
        }
    }

    public static SimThread ThreadAt(int id) => s_threads[id];

    /// <summary>One run of a script under a strategy, from a machine just switched on.</summary>
    public static Outcome Run(Script script, Strategy strategy)
    {
        s_script = script;
        s_strategy = strategy;
        s_nrThreads = 0;
        s_lonelyPauses = 0;
        Steps = 0;
        Outcome = Outcome.Running;
        Failure = "";
        IsQuiet = true;
        IsPrompt = true;
        Journal.Clear();
        History.Clear();
        StoreBuffer.ResetAll();
        Kernel.Reset(script.NrCpus);
        s_current = Spawn(ThreadKind.Main)!;
        Fiber.Switch(&s_sp[OutsideContext], s_sp[0]);
        s_sp[OutsideContext] = 0;
        if (Outcome == Outcome.Running)
        {
            Outcome = Outcome.Failed;
            Failure = "the engine follows a bad pointer";
        }
        return Outcome;
    }

    /// <summary>A new thread, ready to run; null if there are too many.</summary>
    public static SimThread? Spawn(ThreadKind kind)
    {
        if (s_nrThreads == SimThread.Max)
        {
            return null;
        }
        SimThread thread = s_threads[s_nrThreads++];
        thread.Reset(kind);
        s_sp[thread.Id] = Fiber.Prepare(s_stacks + ((thread.Id + 1) * StackBytes), &ThreadMain);
        return thread;
    }

    /// <summary>Ends the run as a failure. Does not return.</summary>
    public static void Fail(string what)
    {
        Failure = what;
        Leave(Outcome.Failed);
    }

    /// <summary>Makes a bad pointer the end of a run instead of the process's.</summary>
    public static void CatchFaults() => Fiber.CatchFaults(&s_sp[OutsideContext], s_scenario, s_seed);

    /// <summary>Which run it is, for a process that dies in it.</summary>
    public static void Announce(string scenario, ulong seed)
    {
        int length = int.Min(scenario.Length, MaxNameBytes - 1);
        for (int i = 0; i < length; i++)
        {
            s_scenario[i] = (byte)scenario[i];
        }
        s_scenario[length] = 0;
        *s_seed = seed;
    }

    /// <summary>Ends the run as one that need not be seen to its end. Does not return.</summary>
    public static void Prune() => Leave(Outcome.Pruned);

    /// <summary>Is <paramref name="address"/> on a part of a simulated stack that is not in use?</summary>
    public static bool IsDeadStack(nuint address)
    {
        nuint offset = address - (nuint)s_stacks;
        if (offset >= SimThread.Max * StackBytes)
        {
            return false;
        }
        int id = (int)(offset / StackBytes);
        return id != s_current.Id && (id >= s_nrThreads || !s_threads[id].IsAlive || address < (nuint)s_sp[id]);
    }

    /// <summary>The thread on whose stack <paramref name="address"/> is, or -1.</summary>
    public static int StackOwner(nuint address)
    {
        nuint offset = address - (nuint)s_stacks;
        return offset < SimThread.Max * StackBytes ? (int)(offset / StackBytes) : -1;
    }

    [UnmanagedCallersOnly]
    private static void ThreadMain()
    {
        SimThread self = s_current;
        if (self.Start != null)
        {
            self.Start(self.Argument);
        }
        else
        {
            s_script.Run(self);
        }
        Point();
        self.Stores.DrainAll();
        self.State = ThreadState.Ended;
        if (self.Locks.Nr != 0)
        {
            Fail("a thread ended with a lock held");
        }
        Trace.Note(self, "ends");
        History.Event((nuint)self.Id + 2, isWrite: true); // Addresses from 2 on are the ends of threads.
        WakeJoiners(self.Id);
        if (self.Kind == ThreadKind.Main)
        {
            LeaveAfterMain();
        }
        Reschedule();
    }

    private static void WakeJoiners(int id)
    {
        for (int i = 0; i < s_nrThreads; i++)
        {
            SimThread thread = s_threads[i];
            if (thread.State == ThreadState.OnJoin && thread.WaitsOn == (nuint)id)
            {
                thread.State = ThreadState.Ready;
            }
        }
    }

    private static void LeaveAfterMain()
    {
        for (int i = 0; i < s_nrThreads; i++)
        {
            SimThread thread = s_threads[i];
            if (thread != s_current && (thread.State == ThreadState.Ready || (thread.IsAlive && thread.Kind != ThreadKind.Engine)))
            {
                Fail("the scenario is over, and thread " + Names.Of(thread) + " is still at something");
            }
        }
        Leave(Outcome.Passed);
    }

    private static void Leave(Outcome outcome)
    {
        Outcome = outcome;
        Fiber.Switch(&s_sp[s_current.Id], s_sp[OutsideContext]);
    }

    private static SimThread[] MakeThreads()
    {
        var threads = new SimThread[SimThread.Max];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new SimThread(i);
        }
        return threads;
    }
}
