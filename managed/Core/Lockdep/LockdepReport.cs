// SPDX-License-Identifier: GPL-2.0-only
// What lockdep reports, in the kernel's words: which thread is about to wait for what,
// what it holds meanwhile, and the chain of classes that leads from what it waits for to
// what it holds.
//
// No locks, and the engine holds none meanwhile. Kernel counterparts:
// print_circular_bug, print_deadlock_bug, print_unlock_imbalance_bug.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>Something a thread is about to take, wait for or run.</summary>
internal unsafe struct LockdepEvent
{
    public WaitCall Call; // None: a lock is taken, or an item is run
    public LockKind Kind;
    public void* Instance; // The map, the queue or the function
    public int To;        // Its class
    public bool Reported;
}

internal static unsafe class LockdepReport
{
    /// <summary>A ring of classes: <paramref name="chain"/> leads from the event's class to the held one.</summary>
    public static void Circular(in LockdepEvent before, HeldLock* held, LockChain* chain)
    {
        Report report = default;
        report.Text("workqueue: possible circular locking dependency detected: "u8);
        AppendEvent(ref report, in before);
        AppendHeld(ref report, held->Kind, Lockdep.ClassAt(held->Class));
        report.Text("; chain: "u8);
        for (int i = 0; i < chain->Nr; i++)
        {
            LockClass.Append(ref report, Lockdep.ClassAt(chain->Class[i]));
            report.Text(" -> "u8);
        }
        LockClass.Append(ref report, Lockdep.ClassAt(before.To));
        Stack.Append(ref report);
        Bug.WarnUnlimited(ref report);
    }

    /// <summary>The thread holds what it is about to wait for, or is inside of it.</summary>
    public static void Recursive(in LockdepEvent before, LockKind heldKind)
    {
        Report report = default;
        report.Text("workqueue: possible recursive locking detected: "u8);
        AppendEvent(ref report, in before);
        Worker* worker = Worker.CurrentWorker;
        if (heldKind == LockKind.Lock)
        {
            AppendHeld(ref report, LockKind.Lock, Lockdep.ClassAt(before.To));
        }
        else if (worker != null)
        {
            report.Text(" while in "u8);
            Bug.AppendSymbol(ref report, Worker.FuncOf(worker));
            AppendOwnQueue(ref report);
        }
        Stack.Append(ref report);
        Bug.WarnUnlimited(ref report);
    }

    /// <summary>The thread releases a lock that it did not take.</summary>
    public static void Unbalanced(LockClass* lockClass)
    {
        Report report = default;
        report.Text("workqueue: bad unlock balance detected: "u8);
        PThread.AppendCurrent(ref report);
        report.Text(" is about to release "u8);
        LockClass.Append(ref report, lockClass);
        report.Text(" but does not hold it"u8);
        Stack.Append(ref report);
        Bug.WarnUnlimited(ref report);
    }

    private static void AppendEvent(ref Report report, in LockdepEvent before)
    {
        PThread.AppendCurrent(ref report);
        if (before.Call != WaitCall.None)
        {
            report.Text(" is about to wait for ("u8);
            WaitCalls.AppendName(ref report, before.Call);
            report.Text(") "u8);
        }
        else
        {
            report.Text(before.Kind == LockKind.Lock ? " is about to take "u8 : " is about to run "u8);
        }
        if (before.Kind == LockKind.Queue)
        {
            AppendQueue(ref report, (Workqueue*)before.Instance); // Its name; its class may have another.
            return;
        }
        LockClass.Append(ref report, Lockdep.ClassAt(before.To));
    }

    private static void AppendHeld(ref Report report, LockKind kind, LockClass* held)
    {
        report.Text(kind == LockKind.Lock ? " while holding "u8 : kind == LockKind.Work ? " while in "u8 : " from "u8);
        LockClass.Append(ref report, held);
        if (kind == LockKind.Work)
        {
            AppendOwnQueue(ref report);
        }
    }

    private static void AppendOwnQueue(ref Report report)
    {
        Workqueue* wq = HeldLocks.Queue();
        if (wq != null)
        {
            report.Text(" on "u8);
            AppendQueue(ref report, wq);
        }
    }

    private static void AppendQueue(ref Report report, Workqueue* wq)
    {
        report.Text("queue \""u8);
        report.CString(wq->Name);
        report.Text("\""u8);
    }
}
