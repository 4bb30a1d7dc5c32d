// SPDX-License-Identifier: GPL-2.0-only
// What an item's function must leave as it found it: the state of the worker's thread
// that the next item would find. On with WQ_DEBUG=1.
//
// A snapshot is taken before the function and compared after it: blocked signals, CPU
// affinity, nice value, thread name, wq_interrupt_enter() depth. All differences are
// reported together, and undone. While lockdep is on, locks that the function took and
// did not release are known too; they are reported separately.
//
// Another thread (CPU hotplug) may also change a bound worker's affinity while the item
// runs. It calls BeginAffinityChange before and EndAffinityChange after that. An item that
// overlapped such a change is not blamed for its affinity. Neither is an item during which
// the CPUs of the whole process have changed.
// No locks. Kernel counterpart: the check in run_workqueue, "workqueue leaked lock or
// atomic".

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe struct LeakCheck
{
    private ThreadState _state;
    private int _changesBegun;
    private int _changesEnded;
    private CpuMask _allowed;

    private static int s_changesBegun; // A:
    private static int s_changesEnded; // A:

    /// <summary>Before another thread's affinity is set. Pairs with EndAffinityChange.</summary>
    public static void BeginAffinityChange()
    {
        Atomic.Add(ref s_changesBegun, 1);
    }

    /// <summary>After it was set.</summary>
    public static void EndAffinityChange()
    {
        Atomic.Add(ref s_changesEnded, 1);
    }

    /// <summary>Remembers the calling thread's state.</summary>
    // Here Ended is read before Begun; in Leave, Begun is read after the affinity. So every change that overlaps the
    // item shows in one of the two counts.
    public static void Enter(LeakCheck* check)
    {
        check->_changesEnded = Atomic.Load(ref s_changesEnded);
        check->_changesBegun = Atomic.Load(ref s_changesBegun);
        CpuWatch.Allowed(&check->_allowed);
        ThreadState.Read(&check->_state);
    }

    /// <summary>Reports and undoes the changes that <paramref name="func"/> has made to it.</summary>
    public static void Leave(LeakCheck* check, void* func)
    {
        ThreadState now;
        ThreadState.Read(&now);
        bool affinityMoved = check->_changesBegun != check->_changesEnded
            || check->_changesBegun != Atomic.Load(ref s_changesBegun);
        int leaked = ThreadState.Difference(&check->_state, &now);
        if ((leaked & ThreadState.Affinity) != 0 && (affinityMoved || HasProcessMoved(check)))
        {
            leaked &= ~ThreadState.Affinity;
        }
        if (leaked != 0)
        {
            ReportSlow(&check->_state, &now, leaked, func);
        }
    }

    /// <summary>Reports locks that <paramref name="func"/> has not released; from here on they count as released.</summary>
    /// <param name="depth">How many entries the thread held before.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LeaveLocks(int depth, void* func)
    {
        Report report = default;
        byte* name = stackalloc byte[PThread.NameBytes];
        PThread.GetName(name);
        AppendHead(ref report, name, (uint)*ThreadLocals.InterruptDepth(), func);
        report.Text(", locks held:"u8);
        HeldLocks* held = HeldLocks.Current;
        for (int i = depth; i < held->Nr; i++)
        {
            report.Text(" "u8);
            LockClass.Append(ref report, Lockdep.ClassAt(HeldLocks.At(held, i)->Class));
        }
        held->Nr = depth;
        Bug.Warn(ref report);
    }

    // A CPU set that shrinks, or taskset on all threads, changes this thread's affinity too.
    private static bool HasProcessMoved(LeakCheck* check)
    {
        CpuMask now;
        CpuWatch.Allowed(&now);
        return !CpuMask.AreEqual(&now, &check->_allowed);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportSlow(ThreadState* before, ThreadState* now, int leaked, void* func)
    {
        Report report = default;
        AppendHead(ref report, before->Name, (uint)now->InterruptDepth, func);
        ThreadState.Describe(before, now, leaked, ref report);
        int left = ThreadState.Restore(before, leaked);
        if (left != 0)
        {
            report.Text("; cannot be put back:"u8);
            ThreadState.Describe(before, now, left, ref report);
        }
        Bug.Warn(ref report);
    }

    private static void AppendHead(ref Report report, byte* name, uint interruptDepth, void* func)
    {
        report.Text("BUG: workqueue leaked lock or atomic: "u8);
        report.CString(name);
        report.Text("/"u8);
        report.Hex(interruptDepth, digits: 8);
        report.Text("/"u8);
        report.Decimal(PThread.CurrentTid());
        report.Text(", last function: "u8);
        Bug.AppendSymbol(ref report, func);
    }
}
