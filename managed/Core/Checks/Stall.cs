// SPDX-License-Identifier: GPL-2.0-only
// A wait that does not end is reported, even if no check was turned on.
//
// Every wait for a worker wakes when the time set is over, then after twice that, four
// times, and so on. Each time it reports which thread waits for which worker, and what
// that worker runs. A worker that waits leaves a record in its Worker. So the report
// follows from worker to worker until one does not wait, or until the ring is closed:
// that is a deadlock. A wait for something frozen is intended, and is not reported.
//
// Records are plain words, written by their worker. Any thread may read them at any time:
// they lead to Workers, which are type-stable, and are used for reports only. A record
// that is read while it changes can make a report wrong, nothing else.
// No locks. Kernel counterpart: khungtaskd, wq_watchdog.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>What a thread waits for.</summary>
internal unsafe struct WaitRecord
{
    public nuint Holder;  // A: the Worker that is waited for; 0: another canceller, which has no name
    public void* Func;    // The item that is cancelled; null: the wait is for a queue
    public int Call;      // A: a WaitCall; None: the worker does not wait
}

internal static unsafe class Stall
{
    private const uint DefaultTimeoutMs = 30_000;
    private const int NsPerMs = 1_000_000;
    private const int MaxHops = 16;

    private static uint s_timeoutMs = DefaultTimeoutMs; // 0: never; a plain word, read once a wait
    private static bool s_isSet;

    /// <summary>For waits that begin from now on; 0 for no reports.</summary>
    public static void SetTimeoutMs(uint ms)
    {
        s_isSet = true;
        s_timeoutMs = ms;
    }

    /// <summary>What the environment says, unless the program has said something else.</summary>
    public static void Init()
    {
        if (!s_isSet)
        {
            Environ.TryUInt("WQ_STALL_TIMEOUT_MS"u8, ref s_timeoutMs);
        }
    }

    /// <summary>Waits for a worker of <paramref name="pool"/> to complete <paramref name="done"/>.</summary>
    /// <param name="holder">The worker, for reports.</param>
    /// <param name="func">The function of the item that is cancelled, or null.</param>
    public static void Wait(Completion* done, WorkerPool* pool, Worker* holder, WaitCall call, void* func)
    {
        if (WorkerPool.IsUpElsewhere(pool) && Completion.IsDoneSoon(done))
        {
            return;
        }
        WaitRecord wait = new() { Holder = (nuint)holder, Func = func, Call = (int)call };
        StallClock clock = StallClock.Start(s_timeoutMs);
        Note(&wait);
        while (!Completion.WaitUntil(done, clock.NextNs))
        {
            ReportStall(&wait, clock.Advance());
        }
        Forget();
    }

    /// <summary>Waits for a worker's thread to end.</summary>
    public static void Join(nuint thread, Worker* holder, WaitCall call)
    {
        WaitRecord wait = new() { Holder = (nuint)holder, Call = (int)call };
        StallClock clock = StallClock.Start(s_timeoutMs);
        Note(&wait);
        while (!PThread.JoinUntil(thread, clock.NextNs))
        {
            ReportStall(&wait, clock.Advance());
        }
        Forget();
    }

    /// <summary>Sleeps until another canceller has finished with an item; may return early.</summary>
    /// <param name="clock">One for all of the caller's waits for the item; zeroed before the first.</param>
    public static void WaitForCanceller(Work* work, WorkWord word, WaitCall call, ref StallClock clock)
    {
        WaitRecord wait = new() { Func = work->Func, Call = (int)call };
        if (clock.NextNs == 0)
        {
            clock = StallClock.Start(s_timeoutMs);
        }
        Note(&wait);
        Work.WaitForOwner(work, word, clock.NextNs);
        if (clock.IsDue)
        {
            ReportStall(&wait, clock.Advance());
        }
        Forget();
    }

    // Holder last: with it the record is whole.
    private static void Note(WaitRecord* wait)
    {
        Worker* worker = Worker.CurrentWorker;
        if (worker != null)
        {
            worker->Waits.Func = wait->Func;
            Atomic.Store(&worker->Waits.Call, wait->Call);
            Atomic.Store(&worker->Waits.Holder, wait->Holder); // Pairs with the load in AppendWaits.
            Worker.BeginBlock();
        }
    }

    private static void Forget()
    {
        Worker* worker = Worker.CurrentWorker;
        if (worker != null)
        {
            Atomic.Store(&worker->Waits.Call, (int)WaitCall.None);
            Worker.EndBlock();
        }
    }

    private static void ReportStall(WaitRecord* wait, long waitedNs)
    {
        Report report = default;
        report.Text("workqueue: stall: "u8);
        PThread.AppendCurrent(ref report);
        report.Text(" has waited for "u8);
        report.Decimal(waitedNs / NsPerMs);
        report.Text(" ms"u8);
        if (AppendWaits(ref report, *wait))
        {
            Stack.Append(ref report);
            Bug.WarnUnlimited(ref report);
        }
    }

    // False if a worker on the way is frozen.
    private static bool AppendWaits(ref Report report, WaitRecord wait)
    {
        Worker** met = stackalloc Worker*[MaxHops + 1];
        int nr = 0;
        met[nr++] = Worker.CurrentWorker;
        while (true)
        {
            Worker* holder = (Worker*)wait.Holder;
            AppendWait(ref report, &wait);
            if (holder == null || !AppendState(ref report, holder))
            {
                return holder == null;
            }
            if (IsAmong(met, nr, holder))
            {
                report.Text(": a deadlock"u8);
                return true;
            }
            met[nr++] = holder;
            wait.Holder = Atomic.Load(&holder->Waits.Holder); // Pairs with the store in Note.
            wait.Call = Atomic.Load(&holder->Waits.Call);
            wait.Func = holder->Waits.Func;
            if (wait.Call == (int)WaitCall.None || nr > MaxHops)
            {
                return true;
            }
            report.Text(" and waits"u8);
        }
    }

    private static bool IsAmong(Worker** met, int nr, Worker* worker)
    {
        while (nr > 0 && met[nr - 1] != worker)
        {
            nr--;
        }
        return nr > 0;
    }

    // " in flush_workqueue() of queue "a" for a/0 (123)"
    private static void AppendWait(ref Report report, WaitRecord* wait)
    {
        Worker* holder = (Worker*)wait->Holder;
        report.Text(" in "u8);
        WaitCalls.AppendName(ref report, (WaitCall)wait->Call);
        report.Text("()"u8);
        if (wait->Func != null)
        {
            report.Text(" of "u8);
            Bug.AppendSymbol(ref report, wait->Func);
        }
        else if (holder != null)
        {
            report.Text(" of queue \""u8);
            Worker.AppendQueueName(ref report, holder);
            report.Text("\""u8);
        }
        report.Text(" for "u8);
        if (holder != null)
        {
            Worker.AppendName(ref report, holder);
            return;
        }
        report.Text(wait->Func != null ? "another thread that cancels it"u8 : "a worker that is not there"u8);
    }

    // False if the worker is frozen.
    private static bool AppendState(ref Report report, Worker* worker)
    {
        void* func = Worker.RunningFunc(worker);
        if (func != null)
        {
            report.Text(", which runs "u8);
            Bug.AppendSymbol(ref report, func);
            Worker.AppendDesc(ref report, worker);
        }
        else
        {
            report.Text(", which is at no item"u8);
        }
        return !Worker.IsMarkedFrozen(worker);
    }
}

/// <summary>When a wait is to be reported: after a time, then after twice that, and so on.</summary>
internal struct StallClock
{
    private long _sinceNs;

    public long NextNs;

    public readonly bool IsDue => NextNs != Clock.Never && Clock.NowNs() >= NextNs;

    public static StallClock Start(uint timeoutMs)
    {
        StallClock clock;
        clock._sinceNs = Clock.NowNs();
        clock.NextNs = timeoutMs == 0 ? Clock.Never : clock._sinceNs + (timeoutMs * 1_000_000L);
        return clock;
    }

    /// <summary>Doubles the span; returns what it was, in nanoseconds.</summary>
    public long Advance()
    {
        long spanNs = NextNs - _sinceNs;
        NextNs += spanNs;
        return spanNs;
    }
}
