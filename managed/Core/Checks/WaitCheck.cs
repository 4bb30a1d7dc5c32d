// SPDX-License-Identifier: GPL-2.0-only
// What is looked at when a call is about to wait: the order of waits (Lockdep), and whether
// the caller may sleep at all. Callers come here only while one of the two is on.
//
// An item of a WQ_BH queue may not: in the kernel it runs in an interrupt. A call that waits
// for items counts as sleeping whether it will have to wait or not, as with might_sleep()
// there; the waits of linux/ count when they do. Each function is reported once, and the
// call goes on. On with WQ_DEBUG=1.
// No locks. Kernel counterpart: __might_sleep, CONFIG_DEBUG_ATOMIC_SLEEP.

using System;
using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class WaitCheck
{
    private const int NrFuncs = 64;

    private struct Funcs
    {
        public fixed ulong Func[NrFuncs]; // A: 0 until taken
    }

    private static Funcs s_reported;

    /// <summary>The thread is about to wait for all items of a queue, or to run them by hand.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BeforeFlush(Workqueue* wq, WaitCall call)
    {
        if (Checks.IsOn(Checks.Debug))
        {
            BeforeCall(call);
        }
        if (Checks.IsOn(Checks.Lockdep))
        {
            Lockdep.BeforeFlush(wq, call);
        }
    }

    /// <summary>The thread is about to wait for what was queued of an item.</summary>
    /// <param name="self">Is it inside that item's function?</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BeforeFlushOfItem(Work* work, WaitCall call, bool self)
    {
        if (Checks.IsOn(Checks.Debug))
        {
            BeforeCall(call);
        }
        if (Checks.IsOn(Checks.Lockdep))
        {
            Lockdep.BeforeCancel(work, call, self);
        }
    }

    /// <summary>The thread is about to wait until an item is not running.</summary>
    /// <param name="self">Is it inside that item's function?</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BeforeCancel(Work* work, WaitCall call, bool self)
    {
        if (Checks.IsOn(Checks.Debug) && !MayBeOfBh(work))
        {
            BeforeCall(call);
        }
        if (Checks.IsOn(Checks.Lockdep))
        {
            Lockdep.BeforeCancel(work, call, self);
        }
    }

    /// <summary>The thread is about to make a call that waits for items.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BeforeCall(WaitCall call)
    {
        if (IsFirstInBh(out Worker* worker))
        {
            Report report = default;
            BeginReport(ref report);
            WaitCalls.AppendName(ref report, call);
            EndReport(ref report, worker);
        }
    }

    /// <summary>The thread is about to sleep, for another reason.</summary>
    /// <param name="what">The function of the header that says so.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BeforeSleep(ReadOnlySpan<byte> what)
    {
        if (IsFirstInBh(out Worker* worker))
        {
            Report report = default;
            BeginReport(ref report);
            report.Text(what);
            EndReport(ref report, worker);
        }
    }

    // The kernel spins until an item of a WQ_BH queue has ended, so such a one may be cancelled from everywhere. The word of an
    // idle item need not say where it was; then there is nothing to wait for either.
    private static bool MayBeOfBh(Work* work)
    {
        PoolWorkqueue* pwq = Worker.LastPwq(work, Work.WordOf(work));
        return pwq == null || IsOfBh(pwq);
    }

    private static bool IsOfBh(PoolWorkqueue* pwq) => pwq->Wq != null && (pwq->Wq->Flags & WqFlags.Bh) != 0;

    // Is the caller in an item of a WQ_BH queue whose function has not been reported? From here on it has.
    private static bool IsFirstInBh(out Worker* worker)
    {
        worker = Worker.CurrentWorker;
        if (worker == null || Worker.RunningFunc(worker) == null)
        {
            return false;
        }
        PoolWorkqueue* pwq = Worker.CurrentPwq(worker);
        return pwq != null && IsOfBh(pwq) && TryNote((nuint)Worker.FuncOf(worker));
    }

    // False if the function is in the table, or there is no room for it. It stays there for good.
    private static bool TryNote(nuint func)
    {
        Funcs* funcs = Address.Of(ref s_reported);
        for (int i = 0; i < NrFuncs; i++)
        {
            nuint was = Atomic.CompareExchange((nuint*)&funcs->Func[i], func, 0);
            if (was == 0 || was == func)
            {
                return was == 0;
            }
        }
        return false;
    }

    private static void BeginReport(ref Report report) =>
        report.Text("BUG: sleeping function called from invalid context: "u8);

    private static void EndReport(ref Report report, Worker* worker)
    {
        report.Text("() in "u8);
        Bug.AppendSymbol(ref report, Worker.FuncOf(worker));
        report.Text(", an item of the WQ_BH queue \""u8);
        Worker.AppendQueueName(ref report, worker);
        report.Text("\", on "u8);
        PThread.AppendCurrent(ref report);
        Stack.Append(ref report);
        Bug.WarnUnlimited(ref report);
    }
}
