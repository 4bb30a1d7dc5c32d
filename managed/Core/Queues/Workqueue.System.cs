// SPDX-License-Identifier: GPL-2.0-only
// The places of the queues that every program has: system_wq and its like.
//
// They are no slots: the symbols lead to them from the loading on, so they are there before
// the engine is. A place is zero, so its queue Dead, until something is done with the queue
// (SystemWorkqueues). It never ends.
//
// In a forked child the place is the child's, for a queue of its own. Items that were queued
// in the parent name links that lead to the place; these lead to a copy of the parent's
// queue from then on, which is OfParent. Behind the last place there is room for the copies.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct Workqueue
{
    public const int NrSystem = 10;

    /// <summary>The system queue of that number; null if there was no memory for them.</summary>
    public static Workqueue* SystemAt(int number)
    {
        byte* places = (byte*)SystemPlaces.Get(out nuint bytes);
        return places != null ? (Workqueue*)(places + ((nuint)number * bytes)) : null;
    }

    /// <summary>The number of the system queue, or -1 if it is none. Any address may be asked.</summary>
    public static int SystemNumberOf(Workqueue* wq)
    {
        byte* places = (byte*)SystemPlaces.Get(out nuint bytes);
        nuint at = (nuint)wq - (nuint)places; // Wraps round below the first.
        return places != null && at < NrSystem * bytes && at % bytes == 0 ? (int)(at / bytes) : -1;
    }

    /// <summary>Is it a system queue that is not made yet?</summary>
    public static bool IsUnmade(Workqueue* wq) => QueueLife.IsDead(&wq->Life) && SystemNumberOf(wq) >= 0;

    /// <summary>In a forked child: the system queue in whose place the parent had <paramref name="former"/>; null if it was none.</summary>
    public static Workqueue* SystemAfter(Workqueue* former)
    {
        nuint at = (nuint)former - (nuint)SystemAt(NrSystem);
        return at < NrSystem * (nuint)sizeof(Workqueue) ? SystemAt((int)(at / (nuint)sizeof(Workqueue))) : null;
    }

    /// <summary>Has a place room for a queue? It has, unless a CPU has a higher number than the kernel's masks have room for.</summary>
    public static bool FitsPlace
    {
        get
        {
            SystemPlaces.Get(out nuint bytes);
            return (nuint)SlotBytes <= bytes;
        }
    }

    // In a forked child. One that another thread was making has links perhaps, which no item names.
    private static void AbandonSystem()
    {
        for (int number = 0; number < NrSystem && SystemAt(0) != null; number++)
        {
            Workqueue* wq = SystemAt(number);
            if (wq->_first == 0 && QueueLife.IsDead(&wq->Life))
            {
                continue;
            }
            Workqueue* former = SystemAt(NrSystem) + number;
            *former = *wq;
            QueueLife.Abandon(&former->Life);
            for (PoolWorkqueue* pwq = FirstOf(wq); pwq != null; pwq = pwq->Next)
            {
                pwq->Wq = former;
            }
            former->_first = wq->_first = 0;
            former->ReportedRefusal = 0;
            wq->Life = default;
        }
    }
}
