// SPDX-License-Identifier: GPL-2.0-only
// Where the strategy is asked: at each point who goes next, and at a store, a wait
// or a request to the kernel, whether it takes the unusual turn.
//
// The first option is the usual one. A run in which every answer is the first has
// no preemption, no fault and no delayed store; the Journal has the other answers.

namespace Wq.Sim;

internal enum Choice
{
    Next,     // Who goes next, the running thread being able to go on.
    Block,    // Who goes next, the running thread being unable to.
    Delay,    // Does a store stay in the store buffer?
    Drain,    // Whose oldest store is seen now?
    Spurious, // Does a wait on a futex end at once?
    Fault,    // Does the kernel refuse?
}

internal static unsafe partial class Machine
{
    /// <summary>The running thread is about to do something others can see.</summary>
    public static void Point()
    {
        SimThread self = s_current;
        self.Ops++;
        if (++Steps > MaxSteps)
        {
            Fail("no end after " + MaxSteps + " steps" + Names.Standing());
        }
        if (IsQuiet)
        {
            return;
        }
        History.Event(0, isWrite: false); // So that no two points of a thread are the same state.
        if (StoreBuffer.NrInAll != 0 && s_strategy.IsRandom)
        {
            OfferDrain();
        }
        int nr = 0;
        s_options[nr++] = self.Id;
        nr = AddReady(nr, except: self.Id);
        if (Kernel.HasTimeToPass)
        {
            s_options[nr++] = TimePassesOption;
        }
        int next = Decide(Choice.Next, nr);
        if (next == TimePassesOption)
        {
            next = Kernel.LetTimePass();
        }
        SwitchTo(next);
    }

    /// <summary>A point where only the random strategies want one.</summary>
    public static void PointIfRandom()
    {
        if (s_strategy.IsRandom)
        {
            Point();
        }
    }

    /// <summary>The running thread waits for another in a loop: let others go first.</summary>
    public static void Pause()
    {
        SimThread self = s_current;
        self.PausedAt = Steps;
        self.Ops++;
        Steps++;
        Kernel.PassPause();
        History.Event(1, isWrite: true); // Address 1 is the time.
        int nr = AddReady(0, except: self.Id);
        if (nr != 0)
        {
            s_lonelyPauses = 0;
            SwitchTo(IsQuiet ? s_options[0] : Decide(Choice.Next, nr));
        }
        else if (StoreBuffer.NrInAll != 0)
        {
            DrainEverything(); // What is stored is seen some day.
        }
        else if (Kernel.HasTimeToPass)
        {
            SwitchTo(Kernel.LetTimePass());
        }
        else if (++s_lonelyPauses > MaxLonelyPauses)
        {
            Fail("a thread spins for ever, and nobody else can run" + Names.Standing());
        }
        if (Steps > MaxSteps)
        {
            Fail("no end after " + MaxSteps + " steps" + Names.Standing());
        }
    }

    /// <summary>Blocks the running thread until somebody sets its state to Ready.</summary>
    public static void Block(ThreadState state, nuint waitsOn)
    {
        SimThread self = s_current;
        self.State = state;
        self.WaitsOn = waitsOn;
        Reschedule();
    }

    /// <summary>Does the unusual happen? Asked also while quiet if <paramref name="always"/>.</summary>
    public static bool Happens(Choice choice, bool always = false)
    {
        if (IsQuiet && !always)
        {
            return false;
        }
        s_options[0] = 0;
        s_options[1] = 1;
        return Decide(choice, 2) == 1;
    }

    /// <summary>Everybody's stores are seen by everybody: membarrier(2).</summary>
    public static void DrainEverything()
    {
        for (int i = 0; i < s_nrThreads; i++)
        {
            s_threads[i].Stores.DrainAll();
        }
    }

    public static void Drained(int owner, nuint word)
    {
        Trace.Drained(s_threads[owner], word);
        History.EventOf(s_threads[owner], word, isWrite: true);
    }

    // The running thread cannot go on, or has ended.
    private static void Reschedule()
    {
        s_current.PausedAt = SimThread.NotPaused;
        while (true)
        {
            int nr = AddReady(0, except: -1);
            nr = nr != 0 ? nr : AddPaused();
            if (nr != 0)
            {
                SwitchTo(IsQuiet || nr == 1 ? s_options[0] : Decide(Choice.Block, nr));
                return;
            }
            if (!Kernel.HasTimeToPass)
            {
                Fail("nobody can run" + Names.Standing());
            }
            Judge.AllSleepUntil(Kernel.NextExpiry);
            Kernel.LetTimePass();
        }
    }

    // The threads after the running one in order, so that the first choice goes round.
    private static int AddReady(int nr, int except)
    {
        int id = s_current.Id;
        for (int i = 0; i < s_nrThreads; i++)
        {
            id = id + 1 < s_nrThreads ? id + 1 : 0;
            SimThread thread = s_threads[id];
            if (thread.State == ThreadState.Ready && id != except && !IsWaitingItsTurn(thread))
            {
                s_options[nr++] = id;
            }
        }
        return nr;
    }

    private static int AddPaused()
    {
        int nr = 0;
        for (int id = 0; id < s_nrThreads; id++)
        {
            if (s_threads[id].State == ThreadState.Ready)
            {
                s_options[nr++] = id;
            }
        }
        return nr;
    }

    private static bool IsWaitingItsTurn(SimThread thread) =>
        thread.PausedAt != SimThread.NotPaused && Steps < thread.PausedAt + 2;

    private static void OfferDrain()
    {
        int nr = 0;
        s_options[nr++] = 0;
        for (int id = 0; id < s_nrThreads; id++)
        {
            if (!s_threads[id].Stores.IsEmpty)
            {
                s_options[nr++] = id + 1;
            }
        }
        int which = Decide(Choice.Drain, nr);
        if (which != 0)
        {
            s_threads[which - 1].Stores.DrainOne();
        }
    }

    private static int Decide(Choice choice, int nr)
    {
        if (nr == 1)
        {
            return s_options[0];
        }
        int index = s_strategy.Choose(choice, s_options, nr);
        if (index != 0)
        {
            Journal.Add(s_current, choice, s_options[index]);
            IsPrompt &= choice != Choice.Fault && s_options[index] != TimePassesOption;
        }
        return s_options[index];
    }

    private static void SwitchTo(int id)
    {
        SimThread self = s_current;
        SimThread next = s_threads[id];
        next.PausedAt = SimThread.NotPaused;
        if (next != self)
        {
            s_current = next;
            Fiber.Switch(&s_sp[self.Id], s_sp[id]);
        }
    }
}
